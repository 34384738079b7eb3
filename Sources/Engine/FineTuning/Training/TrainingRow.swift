/// An example as the model sees it: a conversation's tokens, then the answer's, with what is scored.
package struct TrainingRow: Sendable {
    /// Prompt and answer, end marker included.
    package var tokens: [Int]
    /// Tokens of the prompt, the assistant's header included.
    package var promptCount: Int
    /// For each token of the answer whether it counts; false where redaction replaced a part of it.
    package var scored: [Bool]
    /// Weight in the mean loss.
    package var weight: Double
    /// False for an answer that should not be given (Kahneman–Tversky objective only).
    package var desirable: Bool
    /// Fold or unit that the row belongs to, for impact.
    package var unit: String

    package init(
        tokens: [Int], promptCount: Int, scored: [Bool], weight: Double, desirable: Bool, unit: String
    ) {
        precondition(promptCount >= 1 && promptCount + scored.count == tokens.count)
        self.tokens = tokens
        self.promptCount = promptCount
        self.scored = scored
        self.weight = weight
        self.desirable = desirable
        self.unit = unit
    }

    package var scoredCount: Int { scored.reduce(0) { $0 + ($1 ? 1 : 0) } }
}
