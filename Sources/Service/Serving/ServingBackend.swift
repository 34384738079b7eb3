package import Contracts

/// A server that speaks the serving contract, as the loop needs it.
package protocol ServingBackend: Sendable {
    /// What the server has loaded.
    func models() async throws -> ModelList

    /// Loads an adapter from a folder that the server can read. Loaded already counts as done.
    func load(_ name: String, folder: String) async throws

    /// Unloads an adapter. Not loaded counts as done.
    func unload(_ name: String) async throws

    /// Log-probabilities, in nats, of the tokens that `model` answers greedily, at most so many; nil where the server gives
    /// none. A fault that is not retryable: the query itself is not taken.
    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]?

    /// What `model` answers greedily, in at most so many tokens. A fault that is not retryable: the query itself is not taken.
    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String
}

/// A message of a query that is asked again.
package struct ChatTurn: Equatable, Sendable {
    package var role: String
    package var content: String

    package init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}

/// Why a server does not do what it is asked.
package struct ServingFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Whether asking again later makes sense.
    package var isRetryable: Bool
    package var description: String

    package init(isRetryable: Bool, _ description: String) {
        self.isRetryable = isRetryable
        self.description = description
    }
}
