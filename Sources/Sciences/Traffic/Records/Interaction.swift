package import Values

/// One query and its answer, as an application posts it: not yet redacted, so it must never reach the disk.
///
/// `docs/api.md` has the wire form by example. Exactly one of `response` and `error` is present.
package struct Interaction: Equatable, Sendable {
    /// Idempotency key chosen by the client, unique in its deployment.
    package var id: String
    package var deployment: String
    package var time: Timestamp
    /// Who is randomised: a user or a tenant. Without it the row is logged and stands in no experiment.
    package var unit: String?
    package var conversation: String?
    package var messages: [Message]
    package var response: String?
    package var error: String?
    /// What served it; absent: the row may teach, but is in no experiment.
    package var adapter: String?
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    /// Mean log-probability of the answer's tokens, in nats.
    package var logProbability: Double?
    /// A JSON object of the application's own.
    package var metadata: JSONValue?

    package init(
        id: String, deployment: String, time: Timestamp, unit: String? = nil, conversation: String? = nil,
        messages: [Message], response: String? = nil, error: String? = nil, adapter: String? = nil,
        latencyMilliseconds: Double? = nil, timeToFirstTokenMilliseconds: Double? = nil, promptTokens: Int? = nil,
        completionTokens: Int? = nil, logProbability: Double? = nil, metadata: JSONValue? = nil
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

/// A message of a conversation.
package struct Message: Equatable, Sendable {
    package var role: String
    package var content: Content

    /// What a message says: text, or JSON that is no plain text.
    package enum Content: Equatable, Sendable {
        case text(String)
        /// OpenAI's array of parts, or a message without text (tool calls): kept as it came, and never taught from.
        case parts(JSONValue)
    }

    package init(role: String, content: Content) {
        self.role = role
        self.content = content
    }
}
