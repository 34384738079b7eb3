import Glibc
import Statistics

/// How long an experiment takes, and what harm it would stop, before anybody is exposed.
///
/// Formulas, quick and rough: they take ratings and new units to come as they came. `ExperimentSimulation` plays the
/// decisions themselves on the traffic that was.
package enum ExperimentPlan {
    /// Ratings after which the sequence shows an effect of this size: half width = effect, with 50 % power at the true
    /// effect, so the plan asks for it at 1.3 times the half width (some 80 %).
    ///
    /// - Parameters:
    ///   - variance: of single ratings (0.25 at most for shares).
    ///   - effect: difference to be shown, above 0.
    package static func ratingsNeeded(variance: Double, effect: Double, alpha: Double, tuning: Double) -> Double {
        var low = 10.0
        var high = 1e9
        for _ in 0..<60 {
            let middle = (low * high).squareRoot()
            let reach = ConfidenceSequence.halfWidth(
                squaredError: 4 * variance / middle, sample: middle, alpha: alpha, tuning: tuning)
            if reach * 1.3 > effect { low = middle } else { high = middle }
        }
        return high
    }

    /// Seconds to a decision at the deployment's own ratings a second, ramp included.
    ///
    /// - Parameters:
    ///   - ratingsPerSecond: independent ones (`PlannedTraffic.information` a second), more where earlier ratings explain a part.
    ///   - starts: when each step of the ramp begins, in seconds (`RatingUnits.stepStarts`).
    package static func seconds(
        design: ExperimentDesign, ratingsPerSecond: Double, variance: Double, effect: Double, starts: [Double]
    ) -> Double {
        let needed = ratingsNeeded(variance: variance, effect: effect, alpha: design.alpha, tuning: design.tuning)
        return seconds(design: design, until: needed, arriving: 2 * ratingsPerSecond, starts: starts)
    }

    /// The smallest effect, to a thousandth, that is decided by the longest duration; nil where none up to 1 is.
    package static func smallestEffect(
        design: ExperimentDesign, ratingsPerSecond: Double, variance: Double, starts: [Double]
    ) -> Double? {
        func isDecided(_ thousandths: Int) -> Bool {
            seconds(
                design: design, ratingsPerSecond: ratingsPerSecond, variance: variance,
                effect: Double(thousandths) / 1000, starts: starts) <= design.longestSeconds
        }
        guard isDecided(1000) else { return nil }
        var (low, high) = (0, 1000)
        while high - low > 1 {
            let middle = (low + high) / 2
            if isDecided(middle) { high = middle } else { low = middle }
        }
        return Double(high) / 1000
    }

    /// What the game against harm does where the mean falls.
    package struct Harm: Equatable, Sendable {
        /// Rated units of either arm until half of such experiments are stopped.
        package var pairs: Double
        /// Seconds until then, infinite where it is not by the longest duration; and the share of such experiments that is stopped
        /// by then, unless they are given up before.
        package var seconds: Double
        package var stopped: Double
    }

    /// The harm game (`HarmGame`) on scores of 0 and 1: the chances are exact for the first 4,000 pairs that differ, which are
    /// taken to come evenly; nothing is counted beyond. The sequence, which watches too, is left out.
    ///
    /// - Parameters:
    ///   - mean: of the incumbent's scores, in (0, 1).
    ///   - fall: of the candidate's mean, above 0 and at most `mean`.
    ///   - units: that rate.
    package static func harm(
        design: ExperimentDesign, mean: Double, fall: Double, units: RatingUnits
    ) -> Harm {
        let worse = mean * (1 - mean + fall)
        let differing = worse + (mean - fall) * (1 - mean)
        let pairsInTime = units.inArm(by: design.longestSeconds, of: design)
        var harm = Harm(pairs: .infinity, seconds: .infinity, stopped: 0)
        var refused = 0.0
        let refusals = HarmGame.refusals(
            alpha: design.harmGameShare * design.harmAlpha, worse: worse / differing, most: 4000)
        for (index, chance) in refusals.enumerated() {
            refused += chance
            let pairs = Double(index + 1) / differing
            if pairs <= pairsInTime { harm.stopped = min(1, refused) }
            if refused >= 0.5, harm.pairs == .infinity { harm.pairs = pairs }
        }
        guard harm.pairs <= pairsInTime else { return harm }
        var (low, high) = (0.0, design.longestSeconds)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if units.inArm(by: middle, of: design) < harm.pairs { low = middle } else { high = middle }
        }
        harm.seconds = high
        return harm
    }

    /// Seconds until so much has arrived in an arm, when all of the traffic brings `rate` a second and a step of the ramp its
    /// share of it.
    private static func seconds(
        design: ExperimentDesign, until amount: Double, arriving rate: Double, starts: [Double]
    ) -> Double {
        guard rate > 0 else { return .infinity }
        var left = amount
        for (index, (start, exposure)) in zip(starts, design.steps).enumerated() {
            let takes = left / (rate * exposure)
            guard index + 1 < starts.count, start + takes > starts[index + 1] else { return start + takes }
            left -= rate * exposure * (starts[index + 1] - start)
        }
        return .infinity
    }
}
