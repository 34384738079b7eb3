import Values

/// Header of a safetensors file: which tensors it holds, and that they fill the file from its first byte to its last.
///
/// A file that was cut short or pieced together wrongly is found here, before anything is trained on or served from it.
struct SafetensorsHeader {
    /// Numbers in all tensors.
    var parameters = 0

    static let largest = 4 << 20

    /// - Parameters:
    ///   - beginning: the file's first bytes, up to `largest`.
    ///   - size: bytes of the whole file.
    ///   - path: for the fault's sentence.
    init(beginning: [UInt8], size: Int, path: String) throws(CheckpointFault) {
        let damaged = CheckpointFault(description: "\(path) has no readable safetensors header; fetch the file again")
        guard beginning.count > 8 else { throw damaged }
        let length = (0..<8).reduce(0) { $0 | (UInt64(beginning[$1]) << (8 * UInt64($1))) }
        guard length <= UInt64(beginning.count - 8),
            let value = try? JSONValue(parsing: Array(beginning[8..<8 + Int(length)])), let object = value.objectValue
        else { throw damaged }
        var ranges: [Range<Int>] = []
        for member in object.members where member.name != "__metadata__" {
            guard let numbers = Self.product(member.value["shape"]?.arrayValue),
                let offsets = member.value["data_offsets"]?.arrayValue?.compactMap(\.intValue), offsets.count == 2,
                offsets[0] >= 0, offsets[1] >= offsets[0]
            else { throw damaged }
            let (sum, overflows) = parameters.addingReportingOverflow(numbers)
            guard !overflows else { throw damaged }
            parameters = sum
            ranges.append(offsets[0]..<offsets[1])
        }
        try Self.check(ranges, bytes: size - 8 - Int(length), path: path)
    }

    private static func product(_ shape: [JSONValue]?) -> Int? {
        guard let shape else { return nil }
        var numbers = 1
        for size in shape {
            guard let size = size.intValue, size >= 0 else { return nil }
            let (product, overflows) = numbers.multipliedReportingOverflow(by: size)
            guard !overflows else { return nil }
            numbers = product
        }
        return numbers
    }

    private static func check(_ ranges: [Range<Int>], bytes: Int, path: String) throws(CheckpointFault) {
        var end = 0
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard range.lowerBound >= end else {
                throw CheckpointFault(description: "\(path) has tensors that overlap; fetch the file again")
            }
            guard range.lowerBound == end else {
                throw CheckpointFault(description: "\(path) has a hole between its tensors; fetch the file again")
            }
            end = range.upperBound
        }
        guard end == bytes else {
            throw CheckpointFault(
                description: "\(path) holds \(bytes) bytes of tensors where its header announces \(end); "
                    + "it is \(bytes < end ? "cut short" : "too long"), fetch the file again")
        }
    }
}
