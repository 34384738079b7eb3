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

    /// An adapter that the server shall hold, with the digest that the log has of its files.
    package struct Wanted: Equatable, Sendable {
        package var name: String
        package var digest: String

        package init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    /// What the server holds now of what is wanted, and the first thing that kept it from holding more.
    package struct Result: Equatable, Sendable {
        package var held: Set<String> = []
        package var fault: ServingFault?

        package init() {}
    }

    /// What is known in the midst of it.
    package enum Seen: Equatable, Sendable {
        case present(Set<String>)
        case held(Set<String>)
    }

    /// Loads what is missing, verifies what is not in use yet, and unloads what is no longer wanted. An adapter that cannot
    /// be loaded keeps none of the others from it.
    ///
    /// What the server has is no proof: whoever loaded it may have been cut off before it was verified, or was another
    /// process. So whoever asks remembers what was verified; after a restart of the daemon that costs a probe an adapter.
    ///
    /// - Parameters:
    ///   - wanted: in the order in which they are loaded.
    ///   - inUse: adapters that were verified on this server and that requests may go to meanwhile: they are not verified
    ///     again, nor unloaded where they are no longer wanted.
    ///   - prefix: only adapters named by it and a number are ever unloaded; others belong to somebody else.
    ///   - see: told what of `inUse` the server still has, before anything is loaded; and what it holds of what is wanted,
    ///     before anything is unloaded.
    /// - Throws: where the server does not answer, or is another one than it was; `CancellationError` between two requests.
    package func reconcile(
        wanted: [Wanted], inUse: Set<String>, prefix: String, see: @Sendable (Seen) -> Void = { _ in }
    ) async throws -> Result {
        let models = try await backend.models().data
        guard models.contains(where: { $0.id == base }) else {
            throw ServingFault(
                isRetryable: false,
                "the server has no model named '\(base)' (it has \(models.map(\.id).joined(separator: ", "))); set servedModel"
            )
        }
        let present = Set(models.map(\.id))
        see(.present(inUse.intersection(present)))
        var result = Result()
        for adapter in wanted {
            try Task.checkCancellation()
            do {
                let isPresent = present.contains(adapter.name)
                if !isPresent { try await load(adapter) }
                if !isPresent || !inUse.contains(adapter.name) { try await verify(adapter.name) }
                result.held.insert(adapter.name)
            } catch {
                result.fault =
                    result.fault ?? error as? ServingFault
                    ?? ServingFault(isRetryable: true, "\(adapter.name): \(error)")
            }
        }
        see(.held(result.held))
        let kept = inUse.union(wanted.map(\.name))
        for model in models where model.id != base && !kept.contains(model.id) {
            let version = model.id.dropFirst(prefix.count)
            guard model.id.hasPrefix(prefix), !version.isEmpty, version.allSatisfy(\.isNumber) else { continue }
            try Task.checkCancellation()
            do {
                try await unload(model.id)
            } catch {
                result.fault = result.fault ?? error as? ServingFault
            }
        }
        return result
    }

    private func load(_ adapter: Wanted) async throws {
        guard try files.digest(of: adapter.name) == adapter.digest else {
            throw ServingFault(
                isRetryable: false,
                "the files of \(adapter.name) are not those that were recorded; restore \(files.folder(of: adapter.name))"
            )
        }
        try await backend.load(adapter.name, folder: try exported(adapter.name))
    }

    /// Is not cut off with its task: the server might carry it out after whoever asks next has seen the adapter there.
    private func unload(_ name: String) async throws {
        try await Task { [backend] in try await backend.unload(name) }.value
    }

    private func exported(_ name: String) throws -> String {
        guard let export else { return files.folder(of: name) }
        let copies = AdapterFiles(root: export)
        _ = try copies.adopt(name, from: files.folder(of: name))
        return copies.folder(of: name)
    }

    /// Asks the adapter's probe. Servers compute in other precisions, so log-probabilities may differ a little. What answers
    /// otherwise is taken back.
    private func verify(_ name: String) async throws {
        guard let probe = files.probe(of: name),
            let answer = try await backend.logProbabilities(
                of: probe.messages.map { ChatTurn(role: $0.role, content: $0.content) }, model: name,
                mostTokens: max(1, probe.logProbabilities.count))
        else { return }
        let tolerance = 0.15
        let count = min(probe.logProbabilities.count, answer.count)
        let differs = (0..<count).contains { abs(probe.logProbabilities[$0] - answer[$0]) > tolerance }
        if differs || count == 0 && !probe.logProbabilities.isEmpty {
            try? await unload(name)
            throw ServingFault(
                isRetryable: false,
                "\(name) answers its probe with other log-probabilities than when it was made: the server's base model is not the one it was trained on"
            )
        }
    }
}
