/// How long a decision takes at this deployment's traffic.
package struct PlanView: Codable, Equatable, Sendable {
    package var feasible: Bool
    /// Ramp included.
    package var days: Double?
    package var longestDays: Double
    package var minimumEffect: Double
    package var unitsPerDay: Double
    package var ratedShare: Double
    package var ratedUnitsNeeded: Int?
    /// What an operator can do where it is not feasible.
    package var options: [String]
    package var detail: String

    package init(
        feasible: Bool, days: Double? = nil, longestDays: Double, minimumEffect: Double, unitsPerDay: Double,
        ratedShare: Double, ratedUnitsNeeded: Int? = nil, options: [String], detail: String
    ) {
        self.feasible = feasible
        self.days = days
        self.longestDays = longestDays
        self.minimumEffect = minimumEffect
        self.unitsPerDay = unitsPerDay
        self.ratedShare = ratedShare
        self.ratedUnitsNeeded = ratedUnitsNeeded
        self.options = options
        self.detail = detail
    }
}
