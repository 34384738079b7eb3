import Glibc
package import Tensors
import Values

/// Writes safetensors files.
package enum SafetensorsWriter {
    /// One tensor of a file to write.
    package struct Entry: Sendable {
        package let name: String
        package let matrix: Matrix
        package let format: NumberFormat
        /// Written as a vector, without the dimension of one row.
        package let isVector: Bool

        package init(name: String, matrix: Matrix, format: NumberFormat = .float32, isVector: Bool = false) {
            precondition(format != .float16 && (!isVector || matrix.rows == 1))
            self.name = name
            self.matrix = matrix
            self.format = format
            self.isVector = isVector
        }
    }

    /// Writes the file and syncs it; tensors stand in order of name. A name that exists is overwritten, so write to a
    /// temporary name, and rename.
    package static func write(
        _ entries: [Entry], metadata: [String: String] = ["format": "pt"], path: String
    ) throws(CheckpointError) {
        let sorted = entries.sorted { $0.name < $1.name }
        var members: [JSONObject.Member] = []
        if !metadata.isEmpty {
            members.append(
                JSONObject.Member(
                    name: "__metadata__",
                    value: .object(
                        JSONObject(
                            metadata.sorted { $0.key < $1.key }
                                .map { JSONObject.Member(name: $0.key, value: .string($0.value)) }))))
        }
        var offset = 0
        for entry in sorted {
            let size = entry.matrix.count * entry.format.bytes
            let shape = entry.isVector ? [entry.matrix.columns] : [entry.matrix.rows, entry.matrix.columns]
            let description: [(String, JSONValue)] = [
                ("dtype", .string(entry.format.rawValue)),
                ("shape", .array(shape.map { .integer(Int64($0)) })),
                ("data_offsets", .array([.integer(Int64(offset)), .integer(Int64(offset + size))])),
            ]
            members.append(
                JSONObject.Member(
                    name: entry.name,
                    value: .object(
                        JSONObject(description.map { JSONObject.Member(name: $0.0, value: $0.1) }))))
            offset += size
        }
        var header = JSONValue.object(JSONObject(members)).serialized
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        let output = try OutputFile(path: path)
        let length = UInt64(header.count)
        try output.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        try output.write(header)
        for entry in sorted {
            try output.write(
                entry.format == .bfloat16 ? entry.matrix.bfloat16Bytes : entry.matrix.littleEndianBytes)
        }
        try output.finish()
    }
}
