/// What was fixed before an experiment began, beside its error rates: with it and the exported rows an outside program takes
/// every decision again.
package struct DesignView: Codable, Equatable, Sendable {
    /// Rated units an arm before the confidence sequence counts, and before a step of the ramp moves on.
    package var burnInUnits: Int
    package var leastStepUnits: Int
    package var leastStepSeconds: Double
    package var longestSeconds: Double
    /// Most ratings of one rater, and of one unit, on a day that count, and how long a day is.
    package var ratingsPerRaterPerDay: Int
    package var ratingsPerUnitPerDay: Int
    /// Most requests of one unit on a day that count for errors, latency and metrics of requests; absent: all do.
    package var requestsPerUnitPerDay: Int?
    package var daySeconds: Double
    /// Limits of the guardrails: the rise of the share of errors, and the ratio of mean latencies.
    package var errorMargin: Double
    package var latencyRatio: Double
    /// Whether it guards a promotion: it ends with harm or at its end, and never promotes.
    package var holdBack: Bool
    /// Whether ratings of those are set aside who were not there before it began; absent: they count.
    package var newcomersAside: Bool?
    /// Most newcomers who may come to rate within six hours (an hour is a 24th of `daySeconds`), 24 numbers by the hour of the
    /// day in which these end, counted from the start; absent: any number.
    package var burstLimits: [Int]?
    /// Whether the incumbent is asked how difficult the rated units' first queries are; absent: it is not.
    package var difficulty: Bool?
    /// Whether what units met last counts for harm; absent: it does not.
    package var latest: Bool?
    /// By how much the candidate may be worse at most; absent: it has to be better.
    package var margin: Double?
    /// Steps of the ramp, from 1, that begin at a person's word only; absent: none.
    package var approvalSteps: [Int]?
    /// What is watched beside the goal, errors and latency; absent: nothing.
    package var metrics: [MetricView]?
    /// What the values of the goal's scale mean.
    package var scale: ScaleView

    package init(
        burnInUnits: Int, leastStepUnits: Int, leastStepSeconds: Double, longestSeconds: Double,
        ratingsPerRaterPerDay: Int, ratingsPerUnitPerDay: Int, requestsPerUnitPerDay: Int? = nil, daySeconds: Double,
        errorMargin: Double,
        latencyRatio: Double, holdBack: Bool, newcomersAside: Bool?, burstLimits: [Int]? = nil,
        difficulty: Bool? = nil, latest: Bool? = nil, margin: Double? = nil, approvalSteps: [Int]? = nil,
        metrics: [MetricView]? = nil,
        scale: ScaleView
    ) {
        self.burnInUnits = burnInUnits
        self.leastStepUnits = leastStepUnits
        self.leastStepSeconds = leastStepSeconds
        self.longestSeconds = longestSeconds
        self.ratingsPerRaterPerDay = ratingsPerRaterPerDay
        self.ratingsPerUnitPerDay = ratingsPerUnitPerDay
        self.requestsPerUnitPerDay = requestsPerUnitPerDay
        self.daySeconds = daySeconds
        self.errorMargin = errorMargin
        self.latencyRatio = latencyRatio
        self.holdBack = holdBack
        self.newcomersAside = newcomersAside
        self.burstLimits = burstLimits
        self.difficulty = difficulty
        self.latest = latest
        self.margin = margin
        self.approvalSteps = approvalSteps
        self.metrics = metrics
        self.scale = scale
    }
}
