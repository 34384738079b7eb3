package import Values

/// An interaction as an application posts it; `Traffic` reads and checks it. Exactly one of `response` and `error`.
package struct PostedInteraction: Codable, Equatable, Sendable {
    /// Idempotency key, unique in its deployment.
    package var id: String
    package var deployment: String
    package var time: Timestamp
    /// Who is randomised: a user or a tenant.
    package var unit: String?
    package var conversation: String?
    package var messages: [PostedMessage]
    package var response: String?
    package var error: String?
    /// What served it.
    package var adapter: String?
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    /// Mean log-probability of the answer's tokens, in nats.
    package var logProbability: Double?
    package var metadata: [String: JSONValue]?

    package init(
        id: String, deployment: String, time: Timestamp, unit: String? = nil, conversation: String? = nil,
        messages: [PostedMessage], response: String? = nil, error: String? = nil, adapter: String? = nil,
        latencyMilliseconds: Double? = nil, timeToFirstTokenMilliseconds: Double? = nil, promptTokens: Int? = nil,
        completionTokens: Int? = nil, logProbability: Double? = nil, metadata: [String: JSONValue]? = nil
    ) {
        self.id = id
        self.deployment = deployment
        self.time = time
        self.unit = unit
        self.conversation = conversation
        self.messages = messages
        self.response = response
        self.error = error
        self.adapter = adapter
        self.latencyMilliseconds = latencyMilliseconds
        self.timeToFirstTokenMilliseconds = timeToFirstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.logProbability = logProbability
        self.metadata = metadata
    }
}
