/// How long an experiment takes, before anybody is exposed.
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

    /// Seconds to a decision at the deployment's own ratings a second, with the ramp's least times.
    package static func seconds(
        design: ExperimentDesign, ratingsPerSecond: Double, variance: Double, effect: Double
    ) -> Double {
        guard ratingsPerSecond > 0 else { return .infinity }
        var needed = ratingsNeeded(variance: variance, effect: effect, alpha: design.alpha, tuning: design.tuning)
        var seconds = 0.0
        for step in design.steps.dropLast() {
            seconds += design.leastStepSeconds
            needed -= ratingsPerSecond * design.leastStepSeconds * 2 * step
        }
        return seconds + max(0, needed) / (ratingsPerSecond * 2 * (design.steps.last ?? 0.5))
    }
}
