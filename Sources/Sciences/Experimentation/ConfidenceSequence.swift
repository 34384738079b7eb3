import Glibc

/// Asymptotic confidence sequence of a difference of two means (Waudby-Smith et al., arXiv 2103.06476, Proposition 2.5,
/// a Gaussian mixture): with the chance 1 − α the true difference lies inside at *all* looks after the burn-in.
///
/// With squared standard error s² and effective sample n = σ² ÷ s² (σ² the variance of single observations, so that n
/// counts independent ones), half width = s · √((1 + 1 ÷ (n ρ²)) · (ln(n ρ² + 1) − 2 ln α)), where
/// ρ² = (−2 ln α + ln(1 − 2 ln α)) ÷ n* makes it narrowest at n = n*.
package struct ConfidenceSequence: Equatable, Sendable {
    package var difference: Double
    package var lower: Double
    package var upper: Double
    package var standardError: Double

    /// - Parameters:
    ///   - alpha: chance of ever missing the truth, two-sided.
    ///   - tuning: n*, the sample at which it is narrowest.
    /// - Returns: nil where an arm has fewer than two rated units or nothing varies.
    package static func difference(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, alpha: Double, tuning: Double
    ) -> ConfidenceSequence? {
        guard let candidateMean = candidate.mean, let incumbentMean = incumbent.mean,
            let candidateError = candidate.squaredError, let incumbentError = incumbent.squaredError,
            let candidateVariance = candidate.ratingVariance, let incumbentVariance = incumbent.ratingVariance
        else { return nil }
        let squaredError = candidateError + incumbentError
        let variance = 2 * (candidateVariance + incumbentVariance)
        guard squaredError > 0, variance > 0 else { return nil }
        let difference = candidateMean - incumbentMean
        let reach = halfWidth(
            squaredError: squaredError, sample: variance / squaredError, alpha: alpha, tuning: tuning)
        return ConfidenceSequence(
            difference: difference, lower: difference - reach, upper: difference + reach,
            standardError: squaredError.squareRoot())
    }

    /// The half width; see the type.
    package static func halfWidth(squaredError: Double, sample: Double, alpha: Double, tuning: Double) -> Double {
        let scaled = sample * rho2(alpha: alpha, tuning: tuning)
        return (squaredError * (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(alpha))).squareRoot()
    }

    /// ρ²: the mixture's precision at which the sequence is narrowest at `tuning` observations (eq. 161).
    static func rho2(alpha: Double, tuning: Double) -> Double {
        (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
    }
}
