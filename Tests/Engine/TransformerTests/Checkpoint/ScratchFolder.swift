import FoundationEssentials
import Tensors
import Transformer

/// A folder that goes with its owner.
final class ScratchFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/retuned-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a safetensors file by hand.
    func safetensors(_ name: String, header: String, data: Int, length: Int? = nil) throws -> String {
        let text = Array(header.utf8)
        let count = UInt64(bitPattern: Int64(length ?? text.count))
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + text
        bytes += [UInt8](repeating: 0, count: data)
        try OutputFile.write(bytes, path: path + "/" + name)
        return path + "/" + name
    }
}
