import Glibc

/// Asymptotic confidence sequence of a difference of two means (Waudby-Smith et al., arXiv 2103.06476, Proposition 2.5,
/// a Gaussian mixture): with the chance 1 − α the true difference lies inside at *all* looks after the burn-in.
///
/// Intrinsic time. Ratings accumulate on units and those of one unit are alike, so that neither counts time. Information
/// does: with squared standard error s² (unit as cluster) the sequence stands at n = σ² ÷ s² independent ratings, where
/// σ² = 2 (v₁ + v₀) from the variances of single ratings makes n the number of ratings where all are independent and the
/// arms equal. Estimates at informations n₁ < n₂ then have the covariance of a Brownian motion at n (independent
/// increments of efficient estimates, Scharfstein, Tsiatis & Robins 1997); where weights by number of ratings are not quite
/// efficient it is approximate, and the tests measure the error rate with units of 1 to 50 ratings.
///
/// Difference and s are adjusted by what is known of the units beside their ratings (`CovariateAdjustment`), and who rates the
/// answers to others adds to s (`RaterClusters`), with as many degrees of freedom as they are, less one.
///
/// Half width = s · z · (1 + (z² + 1) ÷ (4 ν)), with z = √((1 + 1 ÷ (n ρ²)) · (ln(n ρ² + 1) − 2 ln α)) and
/// ρ² = (−2 ln α + ln(1 − 2 ln α)) ÷ n*, which makes it narrowest at n = n*. The last factor is the first term of Student's
/// quantile in terms of the normal one (Abramowitz & Stegun 26.7.5) for a variance estimated from few units:
/// ν = (s₁² + s₀²)² ÷ (s₁⁴ ÷ (k₁ − 1) + s₀⁴ ÷ (k₀ − 1)) (Welch), k the effective number of units (`ArmSummary`).
package struct ConfidenceSequence: Equatable, Sendable {
    package var difference: Double
    package var lower: Double
    package var upper: Double
    package var standardError: Double
    /// What is left of the squared error after what the covariates explain is taken out; nil where there were none.
    package var varianceKept: Double?
    /// The share of the squared error that those add who rate the answers to others; nil: nothing, but for rounding.
    package var raterShare: Double?

    /// Units in each arm from which on arms that do not vary can be told apart.
    package static let leastConstantUnits = 20

    /// Of arms that do not vary, but by rounding, and whose means differ: each is given one unit more with the other's value, since
    /// that such units are there is as much as so many alike ones leave open.
    ///
    /// - Parameter distance: between the arms.
    /// - Returns: nil where an arm varies, has too few units, or there is no difference.
    private static func constant(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, alpha: Double, tuning: Double,
        distance: (_ candidate: Double, _ incumbent: Double) -> Double
    ) -> ConfidenceSequence? {
        guard let first = candidate.mean, let second = incumbent.mean, let variance = candidate.ratingVariance,
            let other = incumbent.ratingVariance,
            min(candidate.ratedUnits, incumbent.ratedUnits) >= leastConstantUnits
        else { return nil }
        let square = (first - second) * (first - second)
        guard square > 1e-18 * (first * first + second * second), variance + other <= 1e-12 * square else { return nil }
        let distance = distance(first, second)
        let (units, others) = (Double(candidate.ratedUnits + 1), Double(incumbent.ratedUnits + 1))
        return sequence(
            of: distance, errors: (distance * distance / (units * units), distance * distance / (others * others)),
            variance: 2 * distance * distance * (1 / units + 1 / others),
            units: (candidate.effectiveUnits, incumbent.effectiveUnits), alpha: alpha, tuning: tuning)
    }

    /// - Parameters:
    ///   - alpha: chance of ever missing the truth, two-sided.
    ///   - tuning: n*, the sample at which it is narrowest.
    ///   - difficulty: whether the first queries' difficulty is among the covariates; of all rated units or of none.
    ///   - raters: who rate the answers to others.
    /// - Returns: nil where an arm has fewer than two rated units, or nothing varies and the means are alike or of few units.
    package static func difference(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, alpha: Double, tuning: Double, difficulty: Bool = false,
        raters: RaterClusters = RaterClusters()
    ) -> ConfidenceSequence? {
        if let constant = constant(candidate, incumbent, alpha: alpha, tuning: tuning, distance: { $0 - $1 }) {
            return constant
        }
        guard let adjusted = CovariateAdjustment(candidate, incumbent, difficulty: difficulty),
            let candidateVariance = candidate.ratingVariance, let incumbentVariance = incumbent.ratingVariance
        else { return nil }
        var sequence = sequence(
            of: adjusted.difference, errors: (adjusted.candidateError, adjusted.incumbentError),
            variance: 2 * (candidateVariance + incumbentVariance),
            units: (candidate.effectiveUnits, incumbent.effectiveUnits),
            raters: raters.error(candidate, incumbent), alpha: alpha, tuning: tuning)
        sequence?.varianceKept = adjusted.varianceKept
        return sequence
    }

    /// The same for the difference as a share of the control's mean, m₁ ÷ m₀ − 1 (delta method): with r = m₁ ÷ m₀ the squared
    /// errors are those of m₁ and of r m₀, over m₀². Not adjusted.
    ///
    /// - Returns: nil where there is no difference, or the control's mean is not above 0.
    package static func relative(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, alpha: Double, tuning: Double,
        raters: RaterClusters = RaterClusters()
    ) -> ConfidenceSequence? {
        guard let treated = candidate.mean, let base = incumbent.mean, base > 0,
            let treatedError = candidate.squaredError, let baseError = incumbent.squaredError,
            let treatedVariance = candidate.ratingVariance, let baseVariance = incumbent.ratingVariance
        else { return nil }
        // By their ratio: of the other's value one unit may be many times the mean.
        if treated > 0,
            let constant = constant(candidate, incumbent, alpha: alpha, tuning: tuning, distance: { log($0 / $1) })
        {
            return ConfidenceSequence(
                difference: exp(constant.difference) - 1, lower: exp(constant.lower) - 1,
                upper: exp(constant.upper) - 1, standardError: treated / base * constant.standardError)
        }
        let ratio = treated / base
        return sequence(
            of: ratio - 1, errors: (treatedError / (base * base), ratio * ratio * baseError / (base * base)),
            variance: 2 * (treatedVariance + ratio * ratio * baseVariance) / (base * base),
            units: (candidate.effectiveUnits, incumbent.effectiveUnits),
            raters: raters.error(candidate, incumbent, ratio: ratio, base: base), alpha: alpha, tuning: tuning)
    }

    /// - Parameters:
    ///   - errors: squared, of the candidate's part and of the control's.
    ///   - variance: σ², of single ratings.
    ///   - units: effective ones.
    ///   - raters: what those who rate the answers to others add to the squared error, and how many they are.
    private static func sequence(
        of difference: Double, errors: (candidate: Double, incumbent: Double), variance: Double,
        units: (candidate: Double, incumbent: Double), raters: (squared: Double, raters: Double) = (0, 1),
        alpha: Double, tuning: Double
    ) -> ConfidenceSequence? {
        let squaredError = errors.candidate + errors.incumbent + raters.squared
        guard squaredError > 0, variance > 0 else { return nil }
        let z2 = squaredFactor(sample: variance / squaredError, alpha: alpha, tuning: tuning)
        let fewUnits =
            errors.candidate * errors.candidate / max(1, units.candidate - 1)
            + errors.incumbent * errors.incumbent / max(1, units.incumbent - 1)
            + raters.squared * raters.squared / max(1, raters.raters - 1)
        let reach =
            (squaredError * z2).squareRoot() * (1 + (z2 + 1) / 4 * fewUnits / (squaredError * squaredError))
        let share = raters.squared / squaredError
        return ConfidenceSequence(
            difference: difference, lower: difference - reach, upper: difference + reach,
            standardError: squaredError.squareRoot(), raterShare: share > 1e-9 ? share : nil)
    }

    /// The same for the mean of one arm: n = σ² ÷ s² with the variance σ² of single ratings, and ν = k − 1.
    ///
    /// - Returns: nil with fewer than two rated units or where nothing varies; then `difference` is the mean.
    package static func mean(_ arm: ArmSummary, alpha: Double, tuning: Double) -> ConfidenceSequence? {
        guard let mean = arm.mean, let squaredError = arm.squaredError, let variance = arm.ratingVariance,
            squaredError > 0, variance > 0
        else { return nil }
        let z2 = squaredFactor(sample: variance / squaredError, alpha: alpha, tuning: tuning)
        let reach = (squaredError * z2).squareRoot() * (1 + (z2 + 1) / 4 / max(1, arm.effectiveUnits - 1))
        return ConfidenceSequence(
            difference: mean, lower: mean - reach, upper: mean + reach, standardError: squaredError.squareRoot())
    }

    /// s · z of independent observations, without the factor for few units.
    package static func halfWidth(squaredError: Double, sample: Double, alpha: Double, tuning: Double) -> Double {
        (squaredError * squaredFactor(sample: sample, alpha: alpha, tuning: tuning)).squareRoot()
    }

    /// z²; see the type.
    private static func squaredFactor(sample: Double, alpha: Double, tuning: Double) -> Double {
        let scaled = sample * rho2(alpha: alpha, tuning: tuning)
        return (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(alpha))
    }

    /// ρ²: the mixture's precision at which the sequence is narrowest at `tuning` observations (eq. 161).
    static func rho2(alpha: Double, tuning: Double) -> Double {
        (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
    }
}
