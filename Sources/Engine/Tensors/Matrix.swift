/// A view of `rows` rows of `columns` floats in a buffer, `stride` floats from row to row.
///
/// Copying the value copies the view, not the numbers: the products and kernels of this target write through it, like
/// through the output argument of a BLAS call. `copy()` makes numbers of its own.
package struct Matrix: Sendable {
    package let buffer: FloatBuffer
    package let offset: Int
    package let rows: Int
    package let columns: Int
    package let stride: Int

    package init(buffer: FloatBuffer, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && stride >= columns)
        precondition(rows == 0 || offset + (rows - 1) * stride + columns <= buffer.count)
        self.buffer = buffer
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// A new matrix of zeros.
    package init(rows: Int, columns: Int) {
        self.init(
            buffer: FloatBuffer(zeros: rows * columns), offset: 0, rows: rows, columns: columns, stride: columns)
    }

    /// A new matrix with the numbers given, row by row.
    package init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns)
        self.init(rows: rows, columns: columns)
        for (index, value) in values.enumerated() {
            unsafe buffer.base[index] = value
        }
    }

    package var count: Int { rows * columns }
    package var isContiguous: Bool { stride == columns || rows <= 1 }

    var pointer: UnsafeMutablePointer<Float> { unsafe buffer.base + offset }

    package subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return unsafe pointer[row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            unsafe pointer[row * stride + column] = newValue
        }
    }

    /// A view of some of the rows.
    package func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(
            buffer: buffer, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
            stride: stride)
    }

    /// A view of some of the columns.
    package func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return Matrix(
            buffer: buffer, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// The numbers, row by row.
    package var values: [Float] {
        var all = [Float]()
        all.reserveCapacity(count)
        for row in 0..<rows {
            for column in 0..<columns {
                unsafe all.append(pointer[row * stride + column])
            }
        }
        return all
    }

    package func copy() -> Matrix {
        let result = Matrix(rows: rows, columns: columns)
        result.assign(self)
        return result
    }

    /// Writes the numbers of another matrix of the same shape over these.
    package func assign(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns)
        if isContiguous, other.isContiguous {
            unsafe pointer.update(from: other.pointer, count: count)
            return
        }
        for row in 0..<rows {
            unsafe (pointer + row * stride).update(from: other.pointer + row * other.stride, count: columns)
        }
    }

    package func fill(_ value: Float) {
        for row in 0..<rows {
            unsafe (pointer + row * stride).update(repeating: value, count: columns)
        }
    }

    /// Copies row `source` of another matrix of the same width to row `row`.
    package func assignRow(_ row: Int, from other: Matrix, row source: Int) {
        precondition(row >= 0 && row < rows && source >= 0 && source < other.rows && columns == other.columns)
        unsafe (pointer + row * stride).update(from: other.pointer + source * other.stride, count: columns)
    }

    /// The numbers as the bytes of a little-endian file.
    package var littleEndianBytes: [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(count * 4)
        for row in 0..<rows {
            let start = unsafe UnsafeRawBufferPointer(start: pointer + row * stride, count: columns * 4)
            unsafe bytes.append(contentsOf: start)
        }
        return bytes
    }
}
