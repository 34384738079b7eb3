/// What it takes to show that a metric is better, where it is what a promotion waits for.
package struct GoalPlanView: Codable, Equatable, Sendable {
    package var metric: String
    /// What it is of: `latency`, `completionTokens`, …
    package var measure: String
    /// The smallest improvement worth a promotion; where `relative`, as a share of the mean.
    package var minimumEffect: Double
    package var relative: Bool
    /// Of its values; absent: there are none, or it cannot be planned (a quantile, or a sum by unit).
    package var mean: Double?
    /// Until that is shown, ramp included; absent likewise, or never.
    package var days: Double?

    package init(
        metric: String, measure: String, minimumEffect: Double, relative: Bool, mean: Double? = nil, days: Double? = nil
    ) {
        self.metric = metric
        self.measure = measure
        self.minimumEffect = minimumEffect
        self.relative = relative
        self.mean = mean
        self.days = days
    }
}
