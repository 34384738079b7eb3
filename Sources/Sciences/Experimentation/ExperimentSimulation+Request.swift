extension ExperimentSimulation {
    /// What one rater said of a request, on the goal's scale.
    package struct Opinion: Equatable, Sendable {
        package var rater: String
        /// In [0, 1].
        package var score: Double
        /// Since the log began.
        package var seconds: Double

        package init(rater: String, score: Double, seconds: Double) {
            self.rater = rater
            self.score = score
            self.seconds = seconds
        }
    }

    /// A request of the log that is played, with the ratings it got.
    package struct Request: Equatable, Sendable {
        package var unit: String
        /// Since the log began.
        package var seconds: Double
        package var outcome: RequestOutcome
        package var opinions: [Opinion]

        package init(unit: String, seconds: Double, outcome: RequestOutcome, opinions: [Opinion]) {
            self.unit = unit
            self.seconds = seconds
            self.outcome = outcome
            self.opinions = opinions
        }
    }
}

extension RequestOutcome {
    /// With its value of a measure better by a share: that much less, or more; of requests that fail (where fewer are better)
    /// so many do not. A measure it has no value of, and ratings, stay as they are.
    ///
    /// - Parameter chance: draws an event of a probability.
    func improved(
        _ measure: MetricDesign.Measure, by share: Double, _ better: MetricDesign.Direction,
        chance: (Double) -> Bool
    ) -> RequestOutcome {
        let factor = better == .lower ? 1 - share : 1 + share
        // The one below or the one above, so that the mean is as it should be.
        func whole(_ value: Double) -> Int { Int(value) + (chance(value - value.rounded(.down)) ? 1 : 0) }
        var outcome = self
        switch measure {
        case .errors: outcome.failed = failed && !(better == .lower && chance(share))
        case .latency: outcome.latencyMilliseconds = latencyMilliseconds.map { $0 * factor }
        case .firstToken: outcome.firstTokenMilliseconds = firstTokenMilliseconds.map { $0 * factor }
        case .promptTokens: outcome.promptTokens = promptTokens.map { whole(Double($0) * factor) }
        case .completionTokens:
            outcome.completionTokens = completionTokens.map { whole(Double($0) * factor) }
        case .rating: break
        }
        return outcome
    }
}
