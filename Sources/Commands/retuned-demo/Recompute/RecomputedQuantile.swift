import Glibc

/// The q-quantile of one arm's values over that of the other's, worked out from the lists of values by unit.
///
/// 1. A value stands for the smallest threshold 1.01ᵇ, b = 0…1620, that it does not exceed (or for the last one). F(b) is the
///    share of an arm's values up to threshold b, F(−1) = 0. The quantile is the first threshold with F ≥ q.
/// 2. Σ n values of K units tell as much as n = Σ n ÷ D independent ones, D ≥ 1 the larger design effect of F at the quantile's
///    threshold and the one below, K ÷ (K − 1) · Σ (c − F n)² ÷ (Σ n F (1 − F)), c the unit's values up to it. Then
///    1 ÷ ν = 1 ÷ max(1, k − 1) + (1 − 1 ÷ D)² ÷ max(1, k′ − 1) with k = (Σ n)² ÷ Σ n² and k′ the smaller of the same of c and
///    of n − c. Where F is 0 or 1 there is no design effect, and where there is none at all n = k and ν = max(1, k − 1).
/// 3. z² of F is ν ln(1 + t² ÷ ν) ((8 ν + 1) ÷ (8 ν + 3))² with t² = 2 n (F ln(F ÷ q) + (1 − F) ln((1 − F) ÷ (1 − q))).
/// 4. "At most 1.01ʳ" is refused where at every b the z² of the first arm's F(b) where that is below q, and of the second arm's
///    F(b − r − 1) where that is above q, add up to z² of the sequence at 4 ÷ (1 ÷ n₁ + 1 ÷ n₀), two-sided at 2 α.
enum RecomputedQuantile {
    private static let thresholds = (0...1620).map { pow(1.01, Double($0)) }

    private struct Arm {
        var place = 0
        var sample = 0.0
        var shares: [Double] = []
        var degrees = 1.0

        init?(_ units: [[Double]], q: Double) {
            let units = units.filter { !$0.isEmpty }.map { values in values.map(Self.place) }
            guard units.count >= 2 else { return nil }
            let counts = units.map { Double($0.count) }
            let total = counts.reduce(0, +)
            let effective = Self.effective(counts)
            var atPlace = [Double](repeating: 0, count: thresholds.count)
            for place in units.joined() { atPlace[place] += 1 }
            var sum = 0.0
            for count in atPlace {
                sum += count
                shares.append(sum / total)
            }
            place = shares.firstIndex { $0 >= q * (1 - 1e-12) } ?? 1620
            var (effect, exceeding) = (-1.0, 0.0)
            for threshold in [place, place - 1] where threshold >= 0 {
                let share = shares[threshold]
                guard share > 0, share < 1 else { continue }
                let upTo = units.map { unit in Double(unit.count { $0 <= threshold }) }
                let residual = zip(upTo, counts).reduce(0.0) { $0 + pow($1.0 - share * $1.1, 2) }
                let clusters = Double(units.count)
                let here = clusters / (clusters - 1) * residual / (total * share * (1 - share))
                guard here > effect else { continue }
                effect = here
                exceeding = min(Self.effective(upTo), Self.effective(zip(counts, upTo).map { $0 - $1 }))
            }
            (sample, degrees) = (effective, max(1, effective - 1))
            guard effect >= 0 else { return }
            effect = max(1, effect)
            sample = total / effect
            degrees = 1 / (1 / degrees + pow(1 - 1 / effect, 2) / max(1, exceeding - 1))
        }

        /// (Σ n)² ÷ Σ n².
        private static func effective(_ counts: [Double]) -> Double {
            let sum = counts.reduce(0, +)
            return sum * sum / counts.reduce(0) { $0 + $1 * $1 }
        }

        /// The first threshold that is not below the value.
        private static func place(_ value: Double) -> Int { thresholds.firstIndex { value <= $0 } ?? 1620 }

        func square(_ share: Double, _ q: Double) -> Double {
            var divergence = 0.0
            if share > 0 { divergence += share * log(share / q) }
            if share < 1 { divergence += (1 - share) * log((1 - share) / (1 - q)) }
            let factor = (8 * degrees + 1) / (8 * degrees + 3)
            return degrees * log(1 + 2 * sample * divergence / degrees) * factor * factor
        }
    }

    /// - Parameters:
    ///   - candidate: values of each unit; what is not finite is left out beforehand.
    ///   - control: likewise.
    ///   - alpha: of each bound.
    /// - Returns: nil where an arm has fewer than two units with values.
    static func ratio(
        candidate: [[Double]], control: [[Double]], q: Double, alpha: Double, tuning: Double
    ) -> (ratio: Double, lower: Double, upper: Double)? {
        guard let first = Arm(candidate, q: q), let second = Arm(control, q: q) else { return nil }
        let information = 4 / (1 / first.sample + 1 / second.sample)
        let precision = (-2 * log(2 * alpha) + log(1 - 2 * log(2 * alpha))) / tuning
        let scaled = information * precision
        let needed = (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(2 * alpha))
        func refused(_ over: Arm, _ under: Arm) -> Int {
            let low = over.shares.map { $0 < q ? over.square($0, q) : 0 }
            let high = under.shares.map { $0 > q ? under.square($0, q) : 0 }
            // What is refused is refused of every smaller ratio.
            for step in stride(from: 1620, to: -1620, by: -1) {
                let holds = low.indices.allSatisfy { place in
                    let other = place - step - 1
                    return low[place] + (other < 0 ? 0 : high[min(1620, other)]) >= needed
                }
                if holds { return step }
            }
            return -1620
        }
        return (
            pow(1.01, Double(first.place - second.place)), pow(1.01, Double(refused(first, second))),
            pow(1.01, -Double(refused(second, first)))
        )
    }
}
