import Contracts

/// Brings a server to hold just the adapters it shall hold, and checks that it serves their very bytes.
package struct ServedAdapters: Sendable {
    private let files: AdapterFiles
    private let backend: any ServingBackend
    /// Served name of the base model.
    private let base: String
    /// Folder that a server outside reads adapters from; nil: they are named where they lie.
    private let export: String?

    package init(files: AdapterFiles, backend: any ServingBackend, base: String, export: String?) {
        self.files = files
        self.backend = backend
        self.base = base
        self.export = export
    }

    /// Loads what is missing, verifies what was loaded now, and unloads what is no longer wanted.
    ///
    /// - Parameters:
    ///   - wanted: names of adapters, each with the digest that the log has of it.
    ///   - prefix: only adapters whose name begins with it are ever unloaded; others belong to somebody else.
    /// - Returns: names that were loaded by this call.
    package func reconcile(wanted: [String: String], prefix: String) async throws -> [String] {
        let models = try await backend.models().data
        guard models.contains(where: { $0.id == base }) else {
            throw ServingFault(
                isRetryable: false,
                "the server has no model named '\(base)' (it has \(models.map(\.id).joined(separator: ", "))); set servedModel"
            )
        }
        let present = Set(models.map(\.id))
        var loaded: [String] = []
        for (name, digest) in wanted.sorted(by: { $0.key < $1.key }) where !present.contains(name) {
            guard try files.digest(of: name) == digest else {
                throw ServingFault(
                    isRetryable: false,
                    "the files of \(name) are not those that were recorded; restore \(files.folder(of: name))")
            }
            try await backend.load(name, folder: try exported(name))
            try await verify(name)
            loaded.append(name)
        }
        for model in models where model.id.hasPrefix(prefix) && model.id != base && wanted[model.id] == nil {
            try await backend.unload(model.id)
        }
        return loaded
    }

    private func exported(_ name: String) throws -> String {
        guard let export else { return files.folder(of: name) }
        let copies = AdapterFiles(root: export)
        _ = try copies.adopt(name, from: files.folder(of: name))
        return copies.folder(of: name)
    }

    /// Asks the adapter's probe. Servers compute in other precisions, so log-probabilities may differ a little.
    private func verify(_ name: String) async throws {
        guard let probe = files.probe(of: name), let answer = try await backend.answer(probe, model: name) else {
            return
        }
        let tolerance = 0.15
        let count = min(probe.logProbabilities.count, answer.logProbabilities.count)
        let differs = (0..<count).contains { abs(probe.logProbabilities[$0] - answer.logProbabilities[$0]) > tolerance }
        if differs || count == 0 && !probe.logProbabilities.isEmpty {
            try await backend.unload(name)
            throw ServingFault(
                isRetryable: false,
                "\(name) answers its probe with other log-probabilities than when it was made: the server's base model is not the one it was trained on"
            )
        }
    }
}
