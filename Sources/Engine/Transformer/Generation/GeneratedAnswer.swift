/// An answer of the model, without the token that ended it.
package struct GeneratedAnswer: Sendable, Equatable {
    /// Why nothing more was generated.
    package enum Ending: String, Sendable {
        /// A stop token.
        case stop
        /// The limit of tokens or of positions.
        case length
        /// The logits were not finite: the adapter or the base is broken.
        case failed
    }

    package var tokens: [Int32]
    /// Of each token, and of the stop token where one ended the answer.
    package var logProbabilities: [Float]
    package var ending: Ending

    package init(tokens: [Int32] = [], logProbabilities: [Float] = [], ending: Ending = .length) {
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.ending = ending
    }
}
