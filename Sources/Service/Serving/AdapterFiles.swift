package import Contracts
import Crypto
import DurableFiles
import Values

/// The adapters' folder: each in a folder of its name, never changed after it appeared.
package struct AdapterFiles: Sendable {
    /// Folder of all adapters.
    package let root: String

    package init(root: String) {
        self.root = root
    }

    package func folder(of name: String) -> String { "\(root)/\(name)" }

    /// Takes an adapter over from where it was made. A folder that exists already is complete and stays, unless it holds
    /// other bytes: then it is left from a step that a crash undid, and was never served under its name.
    ///
    /// - Returns: the digest of its weights and configuration, `sha256:…`.
    package func adopt(_ name: String, from source: String) throws -> String {
        try DurableFiles.makeFolder(root)
        let target = folder(of: name)
        let made = try Self.digest(ofFolder: source)
        if (try? digest(of: name)) == made { return made }
        DurableFiles.remove(target)
        try DurableFiles.copyFolder(source, to: target)
        return made
    }

    /// Checks an adapter that somebody else made, before it is taken over.
    ///
    /// - Throws: `CheckpointFault` where its weights are damaged or cut short; `FileFault` where they cannot be read.
    package static func check(_ source: String) throws {
        let path = "\(source)/adapter_model.safetensors"
        let weights = try DurableFiles.read(path)
        _ = try SafetensorsHeader(
            beginning: Array(weights.prefix(SafetensorsHeader.largest)), size: weights.count, path: path)
    }

    /// SHA-256 over the adapter's configuration and weights, in this order.
    package func digest(of name: String) throws -> String { try Self.digest(ofFolder: folder(of: name)) }

    private static func digest(ofFolder folder: String) throws -> String {
        var hash = SHA256()
        for file in ["adapter_config.json", "adapter_model.safetensors"] {
            hash.update(data: try DurableFiles.read("\(folder)/\(file)"))
        }
        return "sha256:"
            + hash.finalize().map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }

    /// The probe beside an adapter; nil where its maker left none.
    package func probe(of name: String) -> AdapterProbe? {
        guard let bytes = try? DurableFiles.read("\(folder(of: name))/probe.json") else { return nil }
        return try? StrictJSON.decode(AdapterProbe.self, parsing: bytes, ignoringUnknownFields: true)
    }
}
