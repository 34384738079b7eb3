import Glibc
import Statistics

/// Candidate against control on independent units: difference, absolute or relative, with the asymptotic confidence
/// sequence and the fixed-horizon Welch interval beside it.
///
/// Formulas as GrowthBook's gbstats 0.8 (which follows arXiv 2103.06476v7: width eq. 9, ρ eq. 161, p-value eq. 155), so
/// that figures can be compared with theirs. The experiment's own rule, on units whose ratings accumulate, is
/// `ConfidenceSequence`.
package struct ArmComparison: Equatable, Sendable {
    /// What the difference is measured in: units of the values, or shares of the control's unadjusted value.
    package enum Scale: Sendable { case absolute, relative }

    /// Two-sided bounds of the difference, on its scale, and the two-sided p-value against no difference.
    package struct Interval: Equatable, Sendable {
        package var lower: Double
        package var upper: Double
        package var pValue: Double
    }

    package let control: ArmStatistic
    package let candidate: ArmStatistic
    package let scale: Scale
    package let difference: Double
    /// Squared standard error of the difference; relative: by the delta method.
    package let squaredError: Double

    /// - Returns: nil where the control's value is 0 (nothing to be relative to), or where an arm does not vary.
    package init?(control: ArmStatistic, candidate: ArmStatistic, scale: Scale) {
        let base = control.unadjustedValue
        guard control.value != 0, base != 0, control.units > 0, candidate.units > 0, control.variance > 0,
            candidate.variance > 0
        else { return nil }
        self.control = control
        self.candidate = candidate
        self.scale = scale
        let gap = candidate.value - control.value
        let controlError = control.variance / Double(control.units)
        let candidateError = candidate.variance / Double(candidate.units)
        switch scale {
        case .absolute:
            difference = gap
            squaredError = candidateError + controlError
        case .relative:
            let lift = candidate.unadjustedValue / base
            difference = gap / base
            squaredError = (candidateError + controlError * lift * lift) / (base * base)
        }
    }

    /// Two-sided confidence sequence at 1 − α, valid at all looks together, narrowest at `tuning` units in both arms.
    package func sequential(alpha: Double, tuning: Double) -> Interval {
        let units = Double(control.units + candidate.units)
        let reach = ConfidenceSequence.halfWidth(
            squaredError: squaredError, sample: units, alpha: alpha, tuning: tuning)
        let scaled = units * ConfidenceSequence.rho2(alpha: alpha, tuning: tuning)
        // 1 ÷ mixture likelihood ratio, in logarithms.
        let exponent = scaled / (scaled + 1) * difference * difference / squaredError / 2
        let logP = 0.5 * log1p(scaled) - exponent
        return Interval(lower: difference - reach, upper: difference + reach, pValue: min(1, exp(logP)))
    }

    /// Welch's interval at one look decided on beforehand; degrees of freedom by Welch–Satterthwaite on the absolute scale.
    package func fixed(alpha: Double) -> Interval {
        let controlError = control.variance / Double(control.units)
        let candidateError = candidate.variance / Double(candidate.units)
        let total = controlError + candidateError
        let degreesOfFreedom =
            total * total
            / (candidateError * candidateError / Double(candidate.units - 1)
                + controlError * controlError / Double(control.units - 1))
        let error = squaredError.squareRoot()
        let reach =
            StudentDistribution.quantile(1 - alpha / 2, degreesOfFreedom: degreesOfFreedom) * error
        let pValue =
            2 * StudentDistribution.upperTail(abs(difference) / error, degreesOfFreedom: degreesOfFreedom)
        return Interval(lower: difference - reach, upper: difference + reach, pValue: pValue)
    }
}

extension SampleRatioTest {
    /// Fixed-horizon chi-square p-value of counts against weights, for one look only; weights that are not above 0 are left
    /// out of the sum but count as a category, as gbstats does.
    package static func chiSquarePValue(counts: [Int], weights: [Double]) -> Double {
        let total = Double(counts.reduce(0, +))
        let weight = weights.reduce(0, +)
        guard total > 0, counts.count > 1 else { return 1 }
        var statistic = 0.0
        for (count, share) in zip(counts, weights) where share > 0 {
            let expected = share / weight * total
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        return ChiSquareDistribution.upperTail(statistic, degreesOfFreedom: Double(counts.count - 1))
    }
}
