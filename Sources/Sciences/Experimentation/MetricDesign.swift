/// A metric beside the ratings on the goal's scale, fixed before an experiment begins.
package struct MetricDesign: Codable, Equatable, Sendable {
    /// Where its values come from: whether a request failed (1) or not (0); milliseconds to the whole answer, or to its first
    /// token; tokens of the query or of the answer; or scores in [0, 1] of ratings on `scale`.
    package enum Measure: String, Codable, Sendable, CaseIterable {
        case errors, latency, firstToken, promptTokens, completionTokens, rating
    }

    /// What follows where the candidate is worse by more than `limit`: the experiment stops for harm; or nothing is promoted
    /// and the ramp is held. `goal`: what has to be better for a promotion, while the ratings must not be worse by the design's
    /// margin.
    package enum Role: String, Codable, Sendable, CaseIterable { case guardrail, signal, goal }

    /// Whether one value is a request's (or a rating's), or the sum of all of a unit's: the mean is then a ratio of sums, or a
    /// mean of units.
    package enum Per: String, Codable, Sendable, CaseIterable { case request, unit }

    /// Which values are the better ones.
    package enum Direction: String, Codable, Sendable, CaseIterable { case lower, higher }

    /// Whether a change is a difference, or a share of the control's value.
    package enum Change: String, Codable, Sendable, CaseIterable { case absolute, relative }

    package var name: String
    package var measure: Measure
    /// Of the measure `rating`.
    package var scale: GoalScale?
    /// In (0, 1), with `per` request and a relative change; nil: the mean.
    package var quantile: Double?
    package var per: Per
    package var better: Direction
    package var role: Role
    package var change: Change
    /// The largest worsening that is allowed, 0 or more; of a goal the smallest improvement worth a promotion.
    package var limit: Double

    package init(
        name: String, measure: Measure, scale: GoalScale? = nil, quantile: Double? = nil, per: Per = .request,
        better: Direction = .lower, role: Role, change: Change, limit: Double
    ) {
        self.name = name
        self.measure = measure
        self.scale = scale
        self.quantile = quantile
        self.per = per
        self.better = better
        self.role = role
        self.change = change
        self.limit = limit
    }
}

/// How one request went; what is not known is nil.
package struct RequestOutcome: Equatable, Sendable {
    package var failed: Bool
    package var latencyMilliseconds: Double?
    package var firstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?

    package init(
        failed: Bool, latencyMilliseconds: Double? = nil, firstTokenMilliseconds: Double? = nil,
        promptTokens: Int? = nil, completionTokens: Int? = nil
    ) {
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.firstTokenMilliseconds = firstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }

    /// Its value of a measure; nil where it has none.
    package func value(of measure: MetricDesign.Measure) -> Double? {
        switch measure {
        case .errors: failed ? 1 : 0
        case .latency: latencyMilliseconds
        case .firstToken: firstTokenMilliseconds
        case .promptTokens: promptTokens.map(Double.init)
        case .completionTokens: completionTokens.map(Double.init)
        case .rating: nil
        }
    }
}
