package import Tensors
import Values

/// A safetensors file: eight bytes with the length of a JSON header, the header, the numbers.
///
/// Strict: the tensors fill the rest of the file from its first byte to its last, without holes and without overlap, each
/// with as many bytes as its type and shape say.
package final class SafetensorsFile {
    /// An entry of the header: the numbers themselves stay in the file until they are read.
    package struct Tensor: Sendable, Equatable {
        package let name: String
        /// As in the file: `F32`, `BF16`, `I64`, …
        package let type: String
        package let shape: [Int]
        /// Place in the file, in bytes from its beginning.
        package let range: Range<Int>

        package var count: Int { shape.reduce(1, *) }
    }

    package let path: String
    package let tensors: [String: Tensor]
    package let metadata: [String: String]
    private let file: InputFile

    /// Longest header accepted, in bytes; the format's own limit.
    package static let maximumHeader = 100_000_000
    private static let widths = [
        "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    ]

    package init(path: String) throws(CheckpointError) {
        self.path = path
        func failure(_ reason: String, _ subject: String? = nil) -> CheckpointError {
            CheckpointError(file: path, subject: subject, reason: reason)
        }
        let file: InputFile
        let header: [UInt8]
        do throws(InputFile.Failure) {
            file = try InputFile(path: path)
            guard file.size >= 8 else {
                throw InputFile.Failure(reason: "has \(file.size) bytes; no safetensors file is that short")
            }
            let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(Self.maximumHeader) else {
                throw InputFile.Failure(
                    reason: "announces a header of \(length) bytes; at most \(Self.maximumHeader) are accepted")
            }
            guard Int(length) <= file.size - 8 else {
                throw InputFile.Failure(
                    reason: "announces a header of \(length) bytes and has only \(file.size - 8) after the length")
            }
            header = try file.bytes(8..<8 + Int(length))
        } catch {
            throw failure(error.reason)
        }
        self.file = file
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: header)
        } catch {
            throw failure("the header is not valid: \(error)")
        }
        guard let members = value.objectValue?.members else { throw failure("the header is not a JSON object") }
        let start = 8 + header.count
        var tensors: [String: Tensor] = [:]
        var metadata: [String: String] = [:]
        for member in members {
            if member.name == "__metadata__" {
                guard let object = member.value.objectValue else { throw failure("is not an object", member.name) }
                for entry in object.members {
                    guard let text = entry.value.stringValue else {
                        throw failure("holds something else than strings", member.name)
                    }
                    metadata[entry.name] = text
                }
                continue
            }
            switch Self.tensor(member, start: start, size: file.size) {
            case .success(let tensor): tensors[member.name] = tensor
            case .failure(let reason): throw failure(reason.text, member.name)
            }
        }
        try Self.checkCover(tensors, path: path, start: start, size: file.size)
        self.tensors = tensors
        self.metadata = metadata
    }

    private struct Reason: Error {
        let text: String
    }

    private static func tensor(_ member: JSONObject.Member, start: Int, size: Int) -> Result<Tensor, Reason> {
        guard let object = member.value.objectValue,
            Set(object.members.map(\.name)) == ["dtype", "shape", "data_offsets"],
            let type = object["dtype"]?.stringValue, let shape = object["shape"]?.arrayValue,
            let offsets = object["data_offsets"]?.arrayValue
        else { return .failure(Reason(text: "must have exactly dtype, shape and data_offsets")) }
        guard let width = widths[type] else {
            return .failure(Reason(text: "has the type \(type), which is not read here"))
        }
        let dimensions = shape.compactMap(\.intValue)
        guard dimensions.count == shape.count, dimensions.allSatisfy({ $0 >= 0 }), dimensions.count <= 8 else {
            return .failure(Reason(text: "has a shape that is not a list of at most 8 sizes"))
        }
        var bytes = width
        for dimension in dimensions {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return .failure(Reason(text: "has a shape larger than any file")) }
            bytes = product
        }
        guard offsets.count == 2, let from = offsets[0].intValue, let to = offsets[1].intValue, from >= 0, to >= from
        else { return .failure(Reason(text: "has data_offsets that are not a beginning and an end")) }
        guard to <= size - start else {
            return .failure(
                Reason(
                    text: "ends at byte \(to) of the data, of which the file has \(size - start): it is cut short"))
        }
        guard to - from == bytes else {
            return .failure(
                Reason(text: "has \(to - from) bytes where type \(type) and shape \(dimensions) need \(bytes)"))
        }
        return .success(
            Tensor(name: member.name, type: type, shape: dimensions, range: start + from..<start + to))
    }

    /// Every byte after the header belongs to exactly one tensor.
    private static func checkCover(
        _ tensors: [String: Tensor], path: String, start: Int, size: Int
    ) throws(CheckpointError) {
        let sorted = tensors.values.sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
        }
        var end = start
        for tensor in sorted {
            guard tensor.range.lowerBound >= end else {
                throw CheckpointError(file: path, subject: tensor.name, reason: "overlaps another tensor")
            }
            guard tensor.range.lowerBound == end else {
                throw CheckpointError(
                    file: path, subject: tensor.name,
                    reason: "leaves a hole of \(tensor.range.lowerBound - end) bytes before it")
            }
            end = tensor.range.upperBound
        }
        guard end == size else {
            throw CheckpointError(file: path, reason: "has \(size - end) bytes after the last tensor")
        }
    }

    private func tensor(named name: String) throws(CheckpointError) -> Tensor {
        guard let tensor = tensors[name] else {
            throw CheckpointError(file: path, subject: name, reason: "is missing")
        }
        return tensor
    }

    /// Reads a tensor of floats into a matrix of its shape: `[rows, columns]`, or `[columns]` for one row.
    ///
    /// - Parameter requiresFinite: refuses infinities and what is not a number.
    package func read(_ name: String, into matrix: Matrix, requiresFinite: Bool = true) throws(CheckpointError) {
        let tensor = try tensor(named: name)
        guard tensor.shape == [matrix.rows, matrix.columns] || (matrix.rows == 1 && tensor.shape == [matrix.columns])
        else {
            throw CheckpointError(
                file: path, subject: name,
                reason: "has the shape \(tensor.shape) where [\(matrix.rows), \(matrix.columns)] belongs")
        }
        guard let format = NumberFormat(rawValue: tensor.type) else {
            throw CheckpointError(
                file: path, subject: name, reason: "has the type \(tensor.type); F32, F16 or BF16 belongs here")
        }
        do throws(InputFile.Failure) {
            try file.read(into: matrix, from: tensor.range.lowerBound, format: format)
        } catch {
            throw CheckpointError(file: path, subject: name, reason: error.reason)
        }
        if requiresFinite, !matrix.isFinite {
            throw CheckpointError(file: path, subject: name, reason: "holds numbers that are not finite")
        }
    }

    /// Reads a tensor of floats with any number of dimensions as rows of its last one.
    package func matrix(_ name: String) throws(CheckpointError) -> Matrix {
        let tensor = try tensor(named: name)
        let columns = tensor.shape.last ?? 1
        let rows = columns == 0 ? 0 : tensor.count / columns
        let matrix = Matrix(rows: rows, columns: columns)
        guard let format = NumberFormat(rawValue: tensor.type) else {
            throw CheckpointError(
                file: path, subject: name, reason: "has the type \(tensor.type); F32, F16 or BF16 belongs here")
        }
        do throws(InputFile.Failure) {
            try file.read(into: matrix, from: tensor.range.lowerBound, format: format)
        } catch {
            throw CheckpointError(file: path, subject: name, reason: error.reason)
        }
        return matrix
    }

    /// Reads a tensor of integers (I64 or I32).
    package func integers(_ name: String) throws(CheckpointError) -> [Int] {
        let tensor = try tensor(named: name)
        guard tensor.type == "I64" || tensor.type == "I32" else {
            throw CheckpointError(
                file: path, subject: name, reason: "has the type \(tensor.type); I64 or I32 belongs here")
        }
        let bytes: [UInt8]
        do throws(InputFile.Failure) {
            bytes = try file.bytes(tensor.range)
        } catch {
            throw CheckpointError(file: path, subject: name, reason: error.reason)
        }
        let width = tensor.type == "I64" ? 8 : 4
        return (0..<tensor.count).map { index in
            let word = bytes[index * width..<(index + 1) * width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 8 ? Int(Int64(bitPattern: word)) : Int(Int32(bitPattern: UInt32(word)))
        }
    }
}
