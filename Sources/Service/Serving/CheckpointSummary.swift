import Crypto
import DurableFiles
import FoundationEssentials
import Values

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
    /// - Throws: `CheckpointFault` where the folder has no safetensors file or one with a damaged header.
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
            var header: [UInt8] = []
            while let chunk = try file.next() {
                hash.update(data: chunk)
                if header.count < Self.largestHeader { header += chunk.prefix(Self.largestHeader - header.count) }
            }
            parameters += try Self.parameters(header: header, path: path)
        }
        digest = "sha256:" + hash.finalize().map { Self.hexadecimal($0) }.joined()
        self.parameters = parameters
    }

    private static let largestHeader = 4 << 20

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }

    private static func parameters(header: [UInt8], path: String) throws -> Int {
        let damaged = CheckpointFault(description: "\(path) has no readable safetensors header; fetch the file again")
        guard header.count > 8 else { throw damaged }
        let length = (0..<8).reduce(0) { $0 | (UInt64(header[$1]) << (8 * UInt64($1))) }
        guard length <= UInt64(header.count - 8),
            let value = try? JSONValue(parsing: Array(header[8..<8 + Int(length)])), let object = value.objectValue
        else { throw damaged }
        var total = 0
        for member in object.members where member.name != "__metadata__" {
            guard let shape = member.value["shape"]?.arrayValue else { throw damaged }
            var numbers = 1
            for size in shape {
                guard let size = size.intValue, size >= 0 else { throw damaged }
                let (product, overflows) = numbers.multipliedReportingOverflow(by: size)
                guard !overflows else { throw damaged }
                numbers = product
            }
            let (sum, overflows) = total.addingReportingOverflow(numbers)
            guard !overflows else { throw damaged }
            total = sum
        }
        return total
    }
}

/// What is wrong with a checkpoint or an adapter's folder.
package struct CheckpointFault: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(description: String) {
        self.description = description
    }
}
