/// How long a decision takes at this deployment's traffic, and what harm an experiment would stop.
package struct PlanView: Codable, Equatable, Sendable {
    /// Whether a difference of `minimumEffect` can be decided by the longest duration; where a metric is the goal: that it is
    /// better, and that the ratings are not worse by `design.margin`.
    package var feasible: Bool
    /// To a decision, ramp included; absent: never, or nothing was rated.
    package var days: Double?
    package var longestDays: Double
    package var minimumEffect: Double
    /// Days of the log that this was read from.
    package var logDays: Double
    /// Requests a day that name unit and adapter, different units, and ratings on the goal's scale.
    package var requestsPerDay: Double
    package var unitsPerDay: Double
    package var ratingsPerDay: Double
    /// Share of the units that rated.
    package var ratedShare: Double
    /// Of the scores in [0, 1]; absent: nothing was rated.
    package var mean: Double?
    /// Ratings of both arms that the decision takes, as alike within a unit as those of the log.
    package var ratingsNeeded: Int?
    /// The smallest difference that can be decided by the longest duration; absent: none.
    package var smallestEffect: Double?
    /// Where a metric is the goal; absent: none is.
    package var goal: GoalPlanView?
    /// What would become of a candidate that is worse.
    package var harm: [PlannedHarmView]
    /// Comparisons that could be decided in time where it is not feasible, which a cycle offers when it comes to that.
    package var offers: [OfferView]?
    /// What an operator can do where it is not feasible.
    package var options: [String]
    package var detail: String
    /// What an experiment that began now would be decided by.
    package var alpha: Double
    package var harmAlpha: Double
    package var tuning: Double
    /// Share of the units in each arm, in percent, step by step.
    package var ramp: [Double]
    package var lookSeconds: Double
    package var design: DesignView

    package init(
        feasible: Bool, days: Double? = nil, longestDays: Double, minimumEffect: Double, logDays: Double,
        requestsPerDay: Double, unitsPerDay: Double, ratingsPerDay: Double, ratedShare: Double, mean: Double? = nil,
        ratingsNeeded: Int? = nil, smallestEffect: Double? = nil, goal: GoalPlanView? = nil, harm: [PlannedHarmView],
        offers: [OfferView]? = nil,
        options: [String],
        detail: String, alpha: Double, harmAlpha: Double, tuning: Double, ramp: [Double], lookSeconds: Double,
        design: DesignView
    ) {
        self.feasible = feasible
        self.days = days
        self.longestDays = longestDays
        self.minimumEffect = minimumEffect
        self.logDays = logDays
        self.requestsPerDay = requestsPerDay
        self.unitsPerDay = unitsPerDay
        self.ratingsPerDay = ratingsPerDay
        self.ratedShare = ratedShare
        self.mean = mean
        self.ratingsNeeded = ratingsNeeded
        self.smallestEffect = smallestEffect
        self.goal = goal
        self.harm = harm
        self.offers = offers
        self.options = options
        self.detail = detail
        self.alpha = alpha
        self.harmAlpha = harmAlpha
        self.tuning = tuning
        self.ramp = ramp
        self.lookSeconds = lookSeconds
        self.design = design
    }
}
