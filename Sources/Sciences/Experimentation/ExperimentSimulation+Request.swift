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
        package var failed: Bool
        package var latencyMilliseconds: Double?
        package var opinions: [Opinion]

        package init(
            unit: String, seconds: Double, failed: Bool, latencyMilliseconds: Double?, opinions: [Opinion]
        ) {
            self.unit = unit
            self.seconds = seconds
            self.failed = failed
            self.latencyMilliseconds = latencyMilliseconds
            self.opinions = opinions
        }
    }
}
