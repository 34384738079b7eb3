/// How a training is done.
package struct TrainingSettings: Equatable, Sendable {
    /// The loss that a training lowers.
    package enum Objective: String, Sendable {
        /// Mean negative log-likelihood of the desirable answers.
        case supervised
        /// Kahneman–Tversky on all rows.
        case kto
        /// The sum of both.
        case both
    }

    package var objective: Objective
    package var kto: KahnemanTversky
    package var epochs: Int
    /// Rates tried, each for one epoch; the best goes on.
    package var learningRates: [Double]
    /// Tokens of one optimiser step.
    package var batchTokens: Int
    package var maximumRank: Int
    package var seed: UInt64
    /// Norm at which the gradient is clipped.
    package var maximumGradientNorm = 1.0

    package init(
        objective: Objective, kto: KahnemanTversky, epochs: Int, learningRates: [Double], batchTokens: Int,
        maximumRank: Int, seed: UInt64
    ) {
        precondition(epochs >= 1 && !learningRates.isEmpty && batchTokens >= 1)
        self.objective = objective
        self.kto = kto
        self.epochs = epochs
        self.learningRates = learningRates
        self.batchTokens = batchTokens
        self.maximumRank = maximumRank
        self.seed = seed
    }
}
