import Glibc
import Values

/// One look, worked out from ratings.
///
/// 1. Of several ratings of one rater for one interaction the latest counts, by time, then by arrival; at most a number of
///    them a rater and day.
/// 2. An arm's mean is Σ scores ÷ Σ ratings; its squared error has the unit as cluster:
///    K ÷ (K − 1) · Σ (sᵢ − m nᵢ)² ÷ (Σ nᵢ)².
/// 3. The interval is the asymptotic confidence sequence of arXiv 2103.06476: with n = 2 (v₁ + v₂) ÷ s² and
///    ρ² = (−2 ln α + ln(1 − 2 ln α)) ÷ n*, z² = (1 + 1 ÷ (n ρ²)) (ln(n ρ² + 1) − 2 ln α) and half width
///    s z (1 + (z² + 1) ÷ (4 ν)), where ν are Welch's degrees of freedom on effective numbers of units (Σ n)² ÷ Σ n².
/// 4. Harm is a bet: the j-th unit of each arm to be rated make a pair of first ratings, x = (1 + candidate − control) ÷ 2;
///    the wealth is ∏ (1 + λ (½ − x)) with λ from what came before, cut to [0, 1.5].
struct RecomputedLook: Sendable {
    struct Arm: Sendable {
        var scores: [String: [Double]] = [:]
        var order: [String] = []

        var ratings: [Double] { order.flatMap { scores[$0] ?? [] } }

        var mean: Double? {
            let all = ratings
            return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
        }

        var variance: Double? {
            guard let mean, ratings.count >= 2 else { return nil }
            return ratings.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratings.count)
        }

        /// Units that would tell as much if all had equally many ratings.
        var effectiveUnits: Double {
            let count = Double(ratings.count)
            return count * count
                / order.reduce(0.0) { $0 + Double((scores[$1]?.count ?? 0) * (scores[$1]?.count ?? 0)) }
        }

        var squaredError: Double? {
            guard let mean, order.count >= 2 else { return nil }
            let residual = order.reduce(0.0) { sum, unit in
                let values = scores[unit] ?? []
                let gap = values.reduce(0, +) - mean * Double(values.count)
                return sum + gap * gap
            }
            let count = Double(ratings.count)
            return Double(order.count) / Double(order.count - 1) * residual / (count * count)
        }
    }

    private(set) var incumbent = Arm()
    private(set) var candidate = Arm()

    init(
        _ rows: [ExportedRating], arms: [String: String], started: Timestamp, daySeconds: Double,
        ratingsPerRaterPerDay: Int
    ) {
        var latest: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            let key = "\(row.interaction)\u{1}\(row.rater)"
            if let other = latest[key], rows[other].time > row.time { continue }
            latest[key] = index
        }
        var perDay: [String: Int] = [:]
        for (index, row) in rows.enumerated() where latest["\(row.interaction)\u{1}\(row.rater)"] == index {
            let day = Int(row.received.seconds(since: started) / daySeconds)
            perDay["\(row.rater) \(day)", default: 0] += 1
            guard perDay["\(row.rater) \(day)", default: 0] <= ratingsPerRaterPerDay else { continue }
            switch arms[row.unit] {
            case "incumbent": Self.add(row, to: &incumbent)
            case "candidate": Self.add(row, to: &candidate)
            default: break
            }
        }
    }

    private static func add(_ row: ExportedRating, to arm: inout Arm) {
        if arm.scores[row.unit] == nil { arm.order.append(row.unit) }
        arm.scores[row.unit, default: []].append(row.score)
    }

    var difference: Double? {
        guard let candidate = candidate.mean, let incumbent = incumbent.mean else { return nil }
        return candidate - incumbent
    }

    /// Nil where an arm has fewer than two rated units or nothing varies.
    func interval(alpha: Double, tuning: Double) -> (lower: Double, upper: Double)? {
        guard let difference, let first = candidate.squaredError, let second = incumbent.squaredError,
            let firstVariance = candidate.variance, let secondVariance = incumbent.variance, first + second > 0,
            firstVariance + secondVariance > 0
        else { return nil }
        let squaredError = first + second
        let sample = 2 * (firstVariance + secondVariance) / squaredError
        let precision = (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
        let scaled = sample * precision
        let squared = (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(alpha))
        let freedom =
            squaredError * squaredError
            / (first * first / max(1, candidate.effectiveUnits - 1)
                + second * second / max(1, incumbent.effectiveUnits - 1))
        let half = (squaredError * squared).squareRoot() * (1 + (squared + 1) / (4 * freedom))
        return (difference - half, difference + half)
    }

    /// Largest logarithm of the wealth of the bet against "no harm".
    var harmLogWealth: Double {
        var (logWealth, largest) = (0.0, 0.0)
        var (sum, squares, pairs) = (0.5, 0.0625, 0)
        for (left, right) in zip(candidate.order, incumbent.order) {
            let x = (1 + (candidate.scores[left]?.first ?? 0) - (incumbent.scores[right]?.first ?? 0)) / 2
            let count = Double(pairs + 1)
            let gap = 0.5 - sum / count
            let stake = pairs == 0 ? 0.3 : min(1.5, max(0, gap / (squares / count + gap * gap)))
            logWealth += log(1 + stake * (0.5 - x))
            largest = max(largest, logWealth)
            pairs += 1
            sum += x
            let mean = sum / Double(pairs + 1)
            squares += (x - mean) * (x - mean)
        }
        return largest
    }

    /// Where a published look says something else; figures may differ by rounding only.
    func disagreements(with look: JSONValue, alpha: Double, tuning: Double) -> [String] {
        let tolerance = 1e-6
        var problems: [String] = []
        func compare(_ name: String, _ ours: Double?, _ theirs: Double?) {
            switch (ours, theirs) {
            case (nil, nil): break
            case (let ours?, let theirs?) where abs(ours - theirs) <= tolerance: break
            default:
                problems.append(
                    "\(name) is \(theirs.map { "\($0)" } ?? "absent") there, \(ours.map { "\($0)" } ?? "absent") here")
            }
        }
        let interval = interval(alpha: alpha, tuning: tuning)
        // A look publishes a difference only together with its interval.
        compare("the difference", interval == nil ? nil : difference, look["difference"]?.doubleValue)
        let ends = look["interval"]?.arrayValue
        compare("the lower end", interval?.lower, ends?.first?.doubleValue)
        compare("the upper end", interval?.upper, ends?.last?.doubleValue)
        if let wealth = look["harmLogWealth"]?.doubleValue { compare("the harm wealth", harmLogWealth, wealth) }
        return problems
    }
}
