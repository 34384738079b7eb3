import Contracts

/// The serving contract of the built-in engine: where it does not answer, the fault says how the engine ended and what
/// it said last.
struct BuiltinBackend: ServingBackend {
    let client: ServingClient
    /// Why the engine does not answer; nil while it does.
    let trouble: @Sendable () -> String?

    func models() async throws -> ModelList {
        do {
            return try await client.models()
        } catch let fault as ServingFault where fault.isRetryable {
            guard let reason = trouble() else { throw fault }
            throw ServingFault(isRetryable: true, "the engine does not answer: \(reason)")
        }
    }

    func load(_ name: String, folder: String) async throws {
        try await client.load(name, folder: folder)
    }

    func unload(_ name: String) async throws {
        try await client.unload(name)
    }

    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? {
        try await client.logProbabilities(of: messages, model: model, mostTokens: mostTokens)
    }

    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String {
        try await client.complete(messages, model: model, mostTokens: mostTokens)
    }
}
