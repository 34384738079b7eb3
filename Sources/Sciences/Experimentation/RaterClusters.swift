/// Who rates the answers to others: their opinions are alike, as those of a unit are, and one of them may know which arm answered.
///
/// With the unit as the only cluster one person who rates many units down in one arm would look like many people. So the squared
/// error of the difference has rater *and* unit as clusters (Cameron, Gelbach & Miller 2011): with u = s − m n the part of a
/// rater's opinions on a unit, signed by the arm and as a share of its ratings, d = ± u ÷ Σ n, the raters add
/// Q = max(0, Σ over raters ((Σ d)² − Σ d²)), sums over the units that a rater rated. Where raters have no part in who is in which arm
/// and treat the arms alike its expectation is 0, however strict or lenient each of them is. Opinions of units on answers to
/// themselves have no part in it, since Σ d = d there.
package struct RaterClusters: Equatable, Sendable {
    /// What one rater's opinions add up to: scores and ratings in the candidate's arm, then in the control's.
    private typealias Totals = SIMD4<Double>

    private struct Opinions: Equatable, Sendable {
        var arm: ExperimentData.Arm
        /// By rater.
        var totals: [Int32: UnitTotals] = [:]
    }

    private var raters: [Int32: Totals] = [:]
    private var units: [String: Opinions] = [:]
    /// Σ v vᵀ over raters, less the same over a rater's units.
    private var between = SymmetricMatrix()
    private var ratings = 0.0
    /// Σ of the raters' squared numbers of ratings.
    private var ratingSquares = 0.0

    package init() {}

    /// Takes an opinion in, of a rater who is not the unit; where it replaces one that was taken in before, with that one's score.
    mutating func rate(
        unit: String, in arm: ExperimentData.Arm, rater: Int32, score: Double, replacing earlier: Double?
    ) {
        let old = units[unit]?.totals[rater] ?? UnitTotals()
        var new = old
        if let earlier { new.exchange(earlier, for: score) } else { new.add(score) }
        units[unit, default: Opinions(arm: arm)].totals[rater] = new
        exchange(old, for: new, of: rater, in: arm)
    }

    /// Leaves a unit out from here on.
    mutating func leaveOut(unit: String) {
        guard let opinions = units.removeValue(forKey: unit) else { return }
        for rater in opinions.totals.keys.sorted() {
            exchange(opinions.totals[rater] ?? UnitTotals(), for: UnitTotals(), of: rater, in: opinions.arm)
        }
    }

    private mutating func exchange(
        _ old: UnitTotals, for new: UnitTotals, of rater: Int32, in arm: ExperimentData.Arm
    ) {
        func totals(_ unit: UnitTotals) -> Totals {
            let (sum, count) = (unit.sum, Double(unit.ratings))
            return arm == .candidate ? Totals(sum, count, 0, 0) : Totals(0, 0, sum, count)
        }
        let before = raters[rater] ?? .zero
        let after = before + totals(new) - totals(old)
        raters[rater] = after
        between.add(after, after)
        between.add(-before, before)
        between.add(-totals(new), totals(new))
        between.add(totals(old), totals(old))
        let (count, earlier) = (after[1] + after[3], before[1] + before[3])
        ratings += count - earlier
        ratingSquares += count * count - earlier * earlier
    }

    /// What the raters add to the squared error of candidate − control · `ratio`, both as shares of `base`; and how many they are,
    /// as many as would tell as much if all had rated equally often: (Σ n)² ÷ Σ n².
    func error(
        _ candidate: ArmSummary, _ control: ArmSummary, ratio: Double = 1, base: Double = 1
    ) -> (squared: Double, raters: Double) {
        guard ratings > 0, let treated = candidate.mean, let mean = control.mean else { return (0, 1) }
        let (ours, theirs) = (1 / (Double(candidate.ratings) * base), ratio / (Double(control.ratings) * base))
        let weights = Totals(ours, -treated * ours, -theirs, mean * theirs)
        return (max(0, (weights * (between * weights)).sum()), ratings * ratings / ratingSquares)
    }
}
