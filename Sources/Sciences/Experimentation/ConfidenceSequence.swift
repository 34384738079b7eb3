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
/// Where units rated before their enrolment, difference and s are adjusted by that (`CovariateAdjustment`).
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
    /// What is left of the squared error after the units' earlier ratings are taken out; nil where there were none.
    package var varianceKept: Double?

    /// - Parameters:
    ///   - alpha: chance of ever missing the truth, two-sided.
    ///   - tuning: n*, the sample at which it is narrowest.
    /// - Returns: nil where an arm has fewer than two rated units or nothing varies.
    package static func difference(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, alpha: Double, tuning: Double
    ) -> ConfidenceSequence? {
        guard let adjusted = CovariateAdjustment(candidate, incumbent),
            let candidateVariance = candidate.ratingVariance, let incumbentVariance = incumbent.ratingVariance
        else { return nil }
        let (candidateError, incumbentError) = (adjusted.candidateError, adjusted.incumbentError)
        let squaredError = candidateError + incumbentError
        let variance = 2 * (candidateVariance + incumbentVariance)
        guard squaredError > 0, variance > 0 else { return nil }
        let difference = adjusted.difference
        let z2 = squaredFactor(sample: variance / squaredError, alpha: alpha, tuning: tuning)
        let fewUnits =
            candidateError * candidateError / max(1, candidate.effectiveUnits - 1)
            + incumbentError * incumbentError / max(1, incumbent.effectiveUnits - 1)
        let reach =
            (squaredError * z2).squareRoot() * (1 + (z2 + 1) / 4 * fewUnits / (squaredError * squaredError))
        return ConfidenceSequence(
            difference: difference, lower: difference - reach, upper: difference + reach,
            standardError: squaredError.squareRoot(), varianceKept: adjusted.varianceKept)
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
