/// One sequence of a training or evaluation batch, and which of its tokens are scored.
package struct ScoredSequence: Sendable, Equatable {
    package var tokens: [Int32]
    /// For each token, what its negative log-probability (given the tokens before it) weighs in the loss; 0: not scored.
    /// The first token has nothing before it and is never scored.
    package var weights: [Float]

    package init(tokens: [Int32], weights: [Float]) {
        precondition(tokens.count == weights.count && !tokens.isEmpty)
        self.tokens = tokens
        self.weights = weights
        self.weights[0] = 0
    }

    /// A prompt that is not scored and an answer of which each token weighs the same.
    package init(prompt: [Int32], answer: [Int32], weight: Float) {
        self.init(
            tokens: prompt + answer,
            weights: [Float](repeating: 0, count: prompt.count) + [Float](repeating: weight, count: answer.count))
    }
}
