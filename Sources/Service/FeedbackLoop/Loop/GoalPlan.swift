/// How long a metric that is the goal takes to be shown better.
package struct GoalPlan: Equatable, Sendable {
    package var metric: String
    package var measure: String
    /// The smallest improvement worth a promotion: a difference, or a share of the mean.
    package var minimumEffect: Double
    package var isRelative: Bool
    /// Of its values in the last 14 days; nil: it cannot be planned.
    package var mean: Double?
    /// Infinite: never.
    package var seconds: Double?
    /// The smallest improvement that can be shown by the longest duration; nil likewise, or none.
    package var smallestEffect: Double?
    /// Whether the values, none of which is below zero, would have to fall by more than their mean.
    package var isMoreThanThereIs = false
    /// Whether no request of the last 14 days has a value.
    package var isUnmeasured = false
}
