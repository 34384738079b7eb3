import Experimentation

/// The sums of both arms.
struct BothArms {
    private var incumbent = ArmSummary()
    private var candidate = ArmSummary()

    /// Rated units of the smaller arm.
    var leastRated: Int { min(incumbent.ratedUnits, candidate.ratedUnits) }

    mutating func replace(
        _ old: UnitTotals, by new: UnitTotals, ofCandidate: Bool, knowing known: Covariates = Covariates()
    ) {
        if ofCandidate {
            candidate.replace(old, by: new, knowing: known)
        } else {
            incumbent.replace(old, by: new, knowing: known)
        }
    }

    /// - Parameter difficulty: whether it is among what the units are known by.
    func sequence(alpha: Double, tuning: Double, difficulty: Bool = false) -> ConfidenceSequence? {
        ConfidenceSequence.difference(candidate, incumbent, alpha: alpha, tuning: tuning, difficulty: difficulty)
    }
}
