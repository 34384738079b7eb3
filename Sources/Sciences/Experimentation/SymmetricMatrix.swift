/// A symmetric matrix over four values.
struct SymmetricMatrix: Equatable, Sendable {
    typealias Values = SIMD4<Double>

    private var first = Values.zero
    private var second = Values.zero
    private var third = Values.zero
    private var fourth = Values.zero

    subscript(row: Int) -> Values {
        get {
            switch row {
            case 0: first
            case 1: second
            case 2: third
            default: fourth
            }
        }
        set {
            switch row {
            case 0: first = newValue
            case 1: second = newValue
            case 2: third = newValue
            default: fourth = newValue
            }
        }
    }

    /// Adds the product of a column and a row.
    mutating func add(_ column: Values, _ row: Values) {
        for index in 0..<Values.scalarCount { self[index] += column[index] * row }
    }

    static func + (left: SymmetricMatrix, right: SymmetricMatrix) -> SymmetricMatrix {
        var sum = left
        for index in 0..<Values.scalarCount { sum[index] += right[index] }
        return sum
    }

    var trace: Double { (0..<Values.scalarCount).reduce(0) { $0 + self[$1][$1] } }

    /// Rows and columns whose place in the mask is 0 are zero.
    func masked(_ mask: Values) -> SymmetricMatrix {
        var result = self
        for index in 0..<Values.scalarCount { result[index] *= mask[index] * mask }
        return result
    }

    static func * (matrix: SymmetricMatrix, vector: Values) -> Values {
        var product = Values.zero
        for index in 0..<Values.scalarCount { product[index] = (matrix[index] * vector).sum() }
        return product
    }

    /// x with (matrix + ridge) x = `right`, by Cholesky's decomposition; nil where that is not positive definite.
    func solved(for right: Values, ridge: Double) -> Values? {
        var lower = self
        for column in 0..<Values.scalarCount {
            for row in column..<Values.scalarCount {
                var rest = self[row][column] + (row == column ? ridge : 0)
                for before in 0..<column { rest -= lower[row][before] * lower[column][before] }
                guard row == column else {
                    lower[row][column] = rest / lower[column][column]
                    continue
                }
                guard rest > 0 else { return nil }
                lower[row][column] = rest.squareRoot()
            }
        }
        var result = right
        for row in 0..<Values.scalarCount {
            for before in 0..<row { result[row] -= lower[row][before] * result[before] }
            result[row] /= lower[row][row]
        }
        for row in (0..<Values.scalarCount).reversed() {
            for after in row + 1..<Values.scalarCount { result[row] -= lower[after][row] * result[after] }
            result[row] /= lower[row][row]
        }
        return result
    }
}
