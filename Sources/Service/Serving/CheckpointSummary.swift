import Crypto
import DurableFiles
import FoundationEssentials

/// What the daemon has to know about a base checkpoint without loading it.
package struct CheckpointSummary: Equatable, Sendable {
    /// `sha256:` over the bytes of all safetensors files, in the order of their names.
    package var digest: String
    /// Numbers in all tensors.
    package var parameters: Int

    package init(digest: String, parameters: Int) {
        self.digest = digest
        self.parameters = parameters
    }

    /// Reads a checkpoint folder. It reads every byte once: call it off the cooperative pool.
    ///
    /// - Throws: `CheckpointFault` where the folder has no safetensors file or one that is damaged or cut short.
    package init(folder: String) throws {
        let names = DurableFiles.entries(of: folder).filter { $0.hasSuffix(".safetensors") }
        guard !names.isEmpty else {
            throw CheckpointFault(description: "\(folder) holds no .safetensors file; name a Hugging Face checkpoint")
        }
        var hash = SHA256()
        var parameters = 0
        for name in names {
            let path = "\(folder)/\(name)"
            guard let file = FileReader(path: path) else { throw CheckpointFault(description: "cannot open \(path)") }
            var beginning: [UInt8] = []
            var size = 0
            while let chunk = try file.next() {
                hash.update(data: chunk)
                size += chunk.count
                if beginning.count < SafetensorsHeader.largest {
                    beginning += chunk.prefix(SafetensorsHeader.largest - beginning.count)
                }
            }
            parameters += try SafetensorsHeader(beginning: beginning, size: size, path: path).parameters
        }
        digest = "sha256:" + hash.finalize().map { Self.hexadecimal($0) }.joined()
        self.parameters = parameters
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }
}

/// What is wrong with a checkpoint or an adapter's folder.
package struct CheckpointFault: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(description: String) {
        self.description = description
    }
}
