/// How the next token is chosen.
package struct SamplingSettings: Sendable, Equatable {
    /// 0: the most probable token (the first of equals).
    package var temperature: Float
    /// Only the most probable tokens that together reach this probability are drawn from; 1: all.
    package var topProbability: Float
    package var seed: UInt64

    package init(temperature: Float = 0, topProbability: Float = 1, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topProbability = topProbability
        self.seed = seed
    }
}
