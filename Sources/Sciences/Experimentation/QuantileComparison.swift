import Glibc

/// The q-quantile of the candidate's values over that of the control's (the 95th percentile of milliseconds, the 90th of
/// tokens), with bounds of which each holds at *all* looks after the burn-in with the chance 1 − α.
///
/// A quantile is where a share crosses q, so bounds come from shares (Howard & Ramdas 2022, "Sequential estimation of quantiles",
/// Bernoulli 28). If the candidate's quantile is x and the ratio at most R, then the candidate's share of values up to x is at
/// least q, and the control's below x ÷ R at most q. Against the first speak a smaller share of the candidate's, against the
/// second a larger one of the control's, with z² each. R is refused once z₁² + z₀² reaches z² of `ConfidenceSequence`,
/// one-sided at α, at *every* x, since nobody knows x; the lower bound is the largest R that is refused.
///
/// Why one dimension. Where both shares cross q smoothly, the least z₁² + z₀² over x is, as values pile up, the square of one
/// standardised difference, in which each arm's share counts by one over its density at the quantile (the profile likelihood
/// ratio: Wilks 1938; Owen 1988 for quantiles). So one sequence at α is enough, and no density has to be estimated. The obvious
/// other ways: bounds of each arm at α ÷ 2 and their ratio, which take 1.3 to 2.6 times the units; and the difference of the shares
/// at the control's estimated quantile, which is valid only where both densities are alike: with a steeper candidate it errs in
/// 45 % of the runs instead of 2.5 %. With ties shares jump over q and z is 0 for some x, which is on the safe side. Where a
/// share stays at q over a gap between values, the arms' z² are two for what is taken for one; the tests of the rate have that.
///
/// An arm's Σ n values tell as much as n = Σ n ÷ D independent ones, D the design effect (delta method with the unit as cluster:
/// Deng, Knoblich & Lu 2018, "Applying the delta method in metric analytics") at the arm's own quantile or at the threshold
/// below, whichever is larger, and at least 1. Shares near 1 are far from normal, hence z² comes from the likelihood ratio,
/// t² = 2 n (F ln(F ÷ q) + (1 − F) ln((1 − F) ÷ (1 − q))), and for Student's t with ν degrees of freedom from that (Wallace
/// 1959): z² = ν ln(1 + t² ÷ ν) ((8 ν + 1) ÷ (8 ν + 3))². Of the variance only what is beyond that of independent values is
/// estimated, and by few units where few exceed the quantile: 1 ÷ ν = 1 ÷ (k − 1) + (1 − 1 ÷ D)² ÷ (k′ − 1), k the effective number
/// of units by all values and k′ by those above or up to the threshold.
package struct QuantileComparison: Equatable, Sendable {
    /// The arms' quantiles, at most 1 % above the values of that rank.
    package var candidate: Double
    package var control: Double
    /// Candidate ÷ control, within 1 % of the exact one.
    package var ratio: Double
    /// Bounds of the ratio of the quantiles themselves: rounded outwards to a power of 1.01, so the grid never makes them err.
    /// 1.01⁻¹⁶²⁰ and 1.01¹⁶²⁰ (some 10∓⁷) where nothing is known.
    package var lower: Double
    package var upper: Double

    /// - Parameters:
    ///   - q: in (0, 1).
    ///   - alpha: chance that `lower` ever exceeds the truth, and that `upper` is ever exceeded by it; in (0, ½).
    ///   - tuning: n*, independent values of both arms at which the mixture is narrowest.
    /// - Returns: nil where an arm has fewer than two units. The burn-in is the caller's.
    package static func ratio(
        candidate: QuantileSummary, control: QuantileSummary, q: Double, alpha: Double, tuning: Double
    ) -> QuantileComparison? {
        guard let treated = Arm(candidate, q: q),
            let baseline = Arm(control, q: q)
        else { return nil }
        return QuantileComparison(
            candidate: QuantileSummary.value(ofBin: treated.bin), control: QuantileSummary.value(ofBin: baseline.bin),
            ratio: QuantileSummary.value(ofBin: treated.bin - baseline.bin),
            lower: QuantileSummary.value(ofBin: largestRefused(treated, over: baseline, alpha: alpha, tuning: tuning)),
            upper: QuantileSummary.value(ofBin: -largestRefused(baseline, over: treated, alpha: alpha, tuning: tuning)))
    }

    /// The largest r for which "the quantile of `first` is at most 1.01ʳ times that of `second`" is refused.
    private static func largestRefused(_ first: Arm, over second: Arm, alpha: Double, tuning: Double) -> Int {
        let last = QuantileSummary.lastBin
        let smaller = first.squaredScores(below: true)
        let larger = second.squaredScores(below: false)
        let sample = 4 / (1 / first.sample + 1 / second.sample)
        // One-sided at α is two-sided at 2 α; the square of z, since the error is 1.
        let reach = ConfidenceSequence.halfWidth(squaredError: 1, sample: sample, alpha: 2 * alpha, tuning: tuning)
        // With the quantile of `first` in bin b, that of `second` is above threshold b − r − 1; less is so as r rises.
        func isRefused(_ r: Int) -> Bool {
            (0...last).allSatisfy { smaller[$0 + 1] + larger[min(last, max(-1, $0 - r - 1)) + 1] >= reach * reach }
        }
        var (refused, open) = (-last, last + 1)
        while open - refused > 1 {
            let middle = refused + (open - refused) / 2
            if isRefused(middle) { refused = middle } else { open = middle }
        }
        return refused
    }
}

/// What an arm's values tell of its q-quantile.
private struct Arm {
    /// Of the estimated quantile.
    let bin: Int
    /// Independent values that would tell as much, and degrees of freedom of the error.
    let sample: Double
    private let freedom: Double
    private let q: Double
    /// Share of the values up to the threshold of bin −1 (none), 0, 1, ….
    private let shares: [Double]

    init?(_ summary: QuantileSummary, q: Double) {
        guard summary.units >= 2, let bin = summary.quantileBin(q) else { return nil }
        self.bin = bin
        self.q = q
        let units = summary.effectiveUnits
        let likeness = [bin, bin - 1].compactMap { summary.likeness(upTo: $0) }
            .max { $0.designEffect < $1.designEffect }
        if let likeness {
            let effect = max(1, likeness.designEffect)
            sample = Double(summary.values) / effect
            let excess = 1 - 1 / effect
            freedom = 1 / (1 / max(1, units - 1) + excess * excess / max(1, likeness.effectiveUnits - 1))
        } else {
            // Where all values are in one bin nothing tells how alike those of a unit are: entirely.
            sample = units
            freedom = max(1, units - 1)
        }
        shares = summary.shares
    }

    /// By threshold, from that of bin −1: z² of its share where that is below q, or where it is above, else 0.
    func squaredScores(below: Bool) -> [Double] {
        let correction = (8 * freedom + 1) / (8 * freedom + 3)
        var known = (share: q, square: 0.0)
        return shares.map { share in
            guard below ? share < q : share > q else { return 0 }
            if share != known.share {
                let divergence =
                    (share > 0 ? share * log(share / q) : 0)
                    + (share < 1 ? (1 - share) * log((1 - share) / (1 - q)) : 0)
                let square = 2 * sample * max(0, divergence)
                known = (share, freedom * log1p(square / freedom) * correction * correction)
            }
            return known.square
        }
    }
}
