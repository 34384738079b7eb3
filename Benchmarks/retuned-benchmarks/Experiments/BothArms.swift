import Experimentation

/// The sums of both arms.
struct BothArms {
    private var incumbent = ArmSummary()
    private var candidate = ArmSummary()

    /// Rated units of the smaller arm.
    var leastRated: Int { min(incumbent.ratedUnits, candidate.ratedUnits) }

    mutating func replace(
        _ old: UnitTotals, by new: UnitTotals, ofCandidate: Bool, earlier: EarlierRatings = EarlierRatings()
    ) {
        if ofCandidate {
            candidate.replace(old, by: new, earlier: earlier)
        } else {
            incumbent.replace(old, by: new, earlier: earlier)
        }
    }

    func sequence(alpha: Double, tuning: Double) -> ConfidenceSequence? {
        ConfidenceSequence.difference(candidate, incumbent, alpha: alpha, tuning: tuning)
    }
}
