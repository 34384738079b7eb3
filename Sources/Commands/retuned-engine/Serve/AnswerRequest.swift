import Transformer

/// What the scheduler is asked to answer.
struct AnswerRequest: Sendable {
    var prompt: [Int32]
    /// The change of the model that answers; nil for the base alone. A request keeps its adapter alive.
    var adapter: LowRankAdapter?
    var sampling: SamplingSettings
    /// Most tokens of the answer, its end marker included.
    var maximumTokens: Int
    var stops: [String]
    var topLogProbabilities: Int?
}

/// A token of an answer, for `logprobs`.
struct ReportedToken: Sendable, Equatable {
    var id: Int
    var logProbability: Float
    /// The most probable tokens, in order.
    var top: [Alternative] = []

    struct Alternative: Sendable, Equatable {
        var id: Int
        var logProbability: Float
    }
}

enum AnswerEvent: Sendable {
    enum Ending: String, Sendable {
        case stop, length
    }

    /// Text that is certain now, and the tokens since the last event.
    case text(String, tokens: [ReportedToken])
    case finished(Ending, completionTokens: Int)
    /// The model gave no finite numbers.
    case failed
}
