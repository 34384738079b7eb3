package import Transformer

/// An example as the model sees it: a conversation's tokens, then the answer's, with what is scored.
package struct TrainingRow: Sendable {
    /// Tokens of the conversation, the assistant's header included.
    package var prompt: [Int32]
    /// Tokens of the answer, end marker included.
    package var answer: [Int32]
    /// For each token of the answer whether it counts; false where redaction replaced a part of it.
    package var scored: [Bool]
    /// Weight in the mean loss.
    package var weight: Double
    /// False for an answer that should not be given (Kahneman–Tversky objective only).
    package var desirable: Bool
    /// Pseudonym of the unit that the row came from.
    package var unit: String

    package init(
        prompt: [Int32], answer: [Int32], scored: [Bool], weight: Double, desirable: Bool, unit: String
    ) {
        precondition(!prompt.isEmpty && answer.count == scored.count && scored.contains(true))
        self.prompt = prompt
        self.answer = answer
        self.scored = scored
        self.weight = weight
        self.desirable = desirable
        self.unit = unit
    }

    package var tokenCount: Int { prompt.count + answer.count }

    package var scoredCount: Int { scored.reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// The row as a sequence whose scored tokens weigh `tokenWeight` each.
    package func sequence(tokenWeight: Float) -> ScoredSequence {
        ScoredSequence(
            tokens: prompt + answer,
            weights: [Float](repeating: 0, count: prompt.count) + scored.map { $0 ? tokenWeight : 0 })
    }

    /// This row's prompt with another row's answer, all of it scored: a mismatched pair.
    package func mismatched(with other: TrainingRow) -> ScoredSequence {
        ScoredSequence(
            tokens: prompt + other.answer,
            weights: [Float](repeating: 0, count: prompt.count) + other.scored.map { $0 ? 1 : 0 })
    }
}
