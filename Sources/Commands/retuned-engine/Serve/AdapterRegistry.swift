import Crypto
import FineTuning
import Foundation
import HTTPTypes
import Locking
import Transformer

/// The adapters that are served, by name.
///
/// A name stands for one adapter as long as the process lives: unloaded and loaded again, its files must have the same
/// bytes, since clients and caches take a name for its numbers. Answers in flight keep the adapter they began with.
final class AdapterRegistry: Sendable {
    struct Entry: Sendable {
        var name: String
        var folder: String
        var adapter: LowRankAdapter
    }

    private struct State {
        var served: [String: Entry] = [:]
        /// Digest of the files of every name that was ever loaded.
        var digests: [String: [UInt8]] = [:]
    }

    private let configuration: ModelConfiguration
    private let baseName: String
    private let state = Locked(State())

    init(configuration: ModelConfiguration, baseName: String) {
        self.configuration = configuration
        self.baseName = baseName
    }

    var served: [Entry] {
        state.withLock { $0.served.values.sorted { $0.name < $1.name } }
    }

    func adapter(named name: String) -> LowRankAdapter? {
        state.withLock { $0.served[name]?.adapter }
    }

    /// Loads an adapter from a folder in PEFT's format.
    /// - Throws: `CompletionFailure`: 400 where the name is taken or the adapter cannot be used, 404 where there is none.
    func load(name: String, folder: String) throws {
        guard !name.isEmpty, !folder.isEmpty else {
            throw CompletionFailure.invalid(nil, "Both 'lora_name' and 'lora_path' must be provided.")
        }
        guard name != baseName, adapter(named: name) == nil else { throw Self.alreadyLoaded(name) }
        var hash = SHA256()
        for file in ["adapter_config.json", "adapter_model.safetensors"] {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
                throw CompletionFailure(
                    status: .notFound,
                    message: "Loading lora \(name) failed: No adapter found for \(folder): \(file) cannot be read.",
                    type: "NotFoundError", field: "lora_path")
            }
            hash.update(data: Data(String(bytes.count).utf8 + [0]))
            hash.update(data: bytes)
        }
        let digest = Array(hash.finalize())
        if let earlier = state.withLock({ $0.digests[name] }), earlier != digest {
            throw CompletionFailure.invalid(
                "lora_name",
                "'\(name)' was loaded before with other bytes; a changed adapter needs a name of its own")
        }
        let adapter: LowRankAdapter
        do {
            adapter = try AdapterFile.read(folder: folder, configuration: configuration).withoutPadding()
        } catch {
            throw CompletionFailure.invalid("lora_path", "Loading lora \(name) failed: \(error)")
        }
        let isNew = state.withLock { state in
            guard state.served[name] == nil, state.digests[name] ?? digest == digest else { return false }
            state.served[name] = Entry(name: name, folder: folder, adapter: adapter)
            state.digests[name] = digest
            return true
        }
        guard isNew else { throw Self.alreadyLoaded(name) }
    }

    /// - Throws: `CompletionFailure` 404 where no such adapter is loaded.
    func unload(name: String) throws {
        guard state.withLock({ $0.served.removeValue(forKey: name) }) != nil else {
            throw CompletionFailure(
                status: .notFound, message: "The lora adapter '\(name)' cannot be found.", type: "NotFoundError",
                field: "lora_name")
        }
    }

    private static func alreadyLoaded(_ name: String) -> CompletionFailure {
        CompletionFailure(
            status: .badRequest, message: "The lora adapter '\(name)' has already been loaded.",
            type: "InvalidUserInput", field: "lora_name")
    }
}
