/// What a back end's answer said.
package struct ChatCompletionAnswer: Equatable, Sendable {
    package var id: String?
    package var model: String?
    /// The first choice's text; empty where there is none.
    package var text = ""
    package var finishReason: String?
    package var promptTokens: Int?
    package var completionTokens: Int?
    /// Mean log-probability of the answer's tokens in nats, where the answer carried them.
    package var meanLogProbability: Double?
    /// What an error object said, in a stream or instead of an answer.
    package var error: String?
    /// False where the answer called tools, or was cut or too long to keep: such a row does not teach.
    package var isPlainText = true
    /// Whether a choice was seen, and whether the answer was too long to read: without either it is no chat completion.
    package var hasChoice = false
    package var isTooLong = false
    /// True when the answer's end was seen.
    package var isComplete = false

    package init() {}
}
