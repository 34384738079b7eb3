import Glibc
import Values

/// A scale as the daemon publishes it.
struct RecomputedScale: Sendable {
    var name: String
    /// The values that score 0 and 1, and its words, if it has words.
    var worst: Double
    var best: Double
    var words: [String]

    init(name: String, _ scale: JSONValue?) throws {
        guard let worst = scale?["worst"]?.doubleValue, let best = scale?["best"]?.doubleValue else {
            throw DemoFailure("the experiment shows no scale \(name)")
        }
        (self.name, self.worst, self.best) = (name, worst, best)
        words = scale?["words"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// A value of the scale, from 0 (the worst) to 1.
    func score(_ value: JSONValue) -> Double? {
        let place = value.stringValue.flatMap { words.firstIndex(of: $0) }.map(Double.init)
        return (place ?? value.doubleValue).map { min(1, max(0, ($0 - worst) / (best - worst))) }
    }
}

/// A metric beside the ratings on the goal's scale, as the daemon publishes it.
struct RecomputedMetric: Sendable {
    var name: String
    var of: String
    var scale: RecomputedScale?
    var quantile: Double?
    var isByUnit: Bool
    var isHigherBetter: Bool
    var isSignal: Bool
    /// Whether a promotion waits for it to be better.
    var isGoal: Bool
    var isRelative: Bool
    var limit: Double

    init(_ view: JSONValue) throws {
        guard let name = view["name"]?.stringValue, let of = view["of"]?.stringValue,
            let limit = view["limit"]?.doubleValue
        else { throw DemoFailure("a metric shows no name, source or limit") }
        (self.name, self.of, self.limit) = (name, of, limit)
        scale = try view["scaleName"]?.stringValue.map { try RecomputedScale(name: $0, view["scale"]) }
        quantile = view["quantile"]?.doubleValue
        isByUnit = view["per"] == "unit"
        isHigherBetter = view["better"] == "higher"
        isSignal = view["role"] == "signal"
        isGoal = view["role"] == "goal"
        isRelative = view["change"] == "relative"
    }

    /// Its value of a request.
    func value(_ request: ExportedRequest) -> Double? {
        switch of {
        case "errors": request.failed ? 1 : 0
        case "latency": request.latencyMilliseconds
        case "firstToken": request.firstTokenMilliseconds
        case "promptTokens": request.promptTokens
        case "completionTokens": request.completionTokens
        default: nil
        }
    }

    /// How much worse the candidate is, and the ends of that, each at one-sided `alpha`; from the values of each unit.
    func worsening(
        candidate: [[Double]], incumbent: [[Double]], alpha: Double, tuning: Double
    ) -> (estimate: Double, lower: Double, upper: Double, isBetter: Bool)? {
        if let quantile {
            return RecomputedQuantile.ratio(
                candidate: candidate, control: incumbent, q: quantile, alpha: alpha, tuning: tuning
            ).map {
                isHigherBetter
                    ? (1 - $0.ratio, 1 - $0.upper, 1 - $0.lower, $0.lower > 1)
                    : ($0.ratio - 1, $0.lower - 1, $0.upper - 1, $0.upper < 1)
            }
        }
        let (first, second) = (arm(candidate), arm(incumbent))
        guard let plain = RecomputedExperiment.interval(first, second, alpha: 2 * alpha, tuning: tuning) else {
            return nil
        }
        let interval =
            isRelative
            ? RecomputedExperiment.relativeInterval(first, second, alpha: 2 * alpha, tuning: tuning)
            : (plain.difference, plain.lower, plain.upper)
        // Better: by either.
        return interval.map {
            isHigherBetter
                ? (-$0.difference, -$0.upper, -$0.lower, $0.lower > 0 && plain.lower > 0)
                : ($0.difference, $0.lower, $0.upper, $0.upper < 0 && plain.upper < 0)
        }
    }

    private func arm(_ units: [[Double]]) -> RecomputedArm {
        var arm = RecomputedArm()
        for (number, values) in units.enumerated() {
            for value in isByUnit ? [values.reduce(0, +)] : values {
                arm.units["\(number)", default: .init()].add(value)
            }
        }
        return arm
    }
}

/// What a metric came to at a look.
struct RecomputedFinding: Sendable {
    var metric: RecomputedMetric
    /// Where its change is relative, as ratios to what it was.
    var worsening: Double?
    var lower: Double?
    /// Of the goal.
    var upper: Double?
    var isBroken = false
    /// Of the goal: shown to be better, or better by less than is worth a promotion.
    var isShown = false
    var isOutOfReach = false
}

extension RecomputedExperiment {
    /// Section 7: what each metric came to. They have, beside errors and latency, their part of an error rate of 0.05; signals
    /// have one of their own, and the goal that of the promotion.
    func metrics() -> [RecomputedFinding] {
        let signals = terms.metrics.count(where: \.isSignal)
        let shares =
            terms.metrics.filter { !$0.isSignal && !$0.isGoal }.map { ($0, guardrailAlpha) }
            + terms.metrics.filter(\.isSignal).map { ($0, 0.05 / Double(signals)) }
            + terms.metrics.filter(\.isGoal).map { ($0, terms.alpha / 2) }
        return shares.map { metric, alpha in
            var finding = RecomputedFinding(metric: metric)
            let (candidate, incumbent) = (values("candidate", metric), values("incumbent", metric))
            guard min(candidate.count, incumbent.count) >= terms.burnInUnits,
                let found = metric.worsening(
                    candidate: candidate, incumbent: incumbent, alpha: alpha, tuning: terms.tuning)
            else { return finding }
            let base = metric.isRelative ? 1.0 : 0
            (finding.worsening, finding.lower) = (base + found.estimate, base + found.lower)
            if metric.isGoal {
                finding.upper = base + found.upper
                finding.isShown = found.isBetter && isAsPresent(metric)
                finding.isOutOfReach = found.upper >= 0 && found.lower > -metric.limit
            } else {
                finding.isBroken = found.lower > metric.limit
            }
            return finding
        }
    }

    /// Whether requests lack a value no more often than the control's, up to 1.64 standard errors; nor more seldom where higher
    /// values are better.
    private func isAsPresent(_ metric: RecomputedMetric) -> Bool {
        let arms = ["candidate", "incumbent"].map { name in requests(name) { metric.value($0) == nil ? 0 : 1 } }
        guard let own = arms[0].mean, let others = arms[1].mean, let error = arms[0].squaredError,
            let otherError = arms[1].squaredError
        else { return false }
        let allowed = 1.64 * (error + otherError).squareRoot() + 1e-9
        return own - others >= -allowed && (!metric.isHigherBetter || own - others <= allowed)
    }

    /// Each guardrail's part of the error rate of all.
    var guardrailAlpha: Double { 0.05 / Double(2 + terms.metrics.count { !$0.isSignal && !$0.isGoal }) }

    /// The sequence on the difference as a share of the control's mean.
    static func relativeInterval(
        _ candidate: RecomputedArm, _ incumbent: RecomputedArm, alpha: Double, tuning: Double,
        others: (squared: Double, number: Double) = (0, 1)
    ) -> (difference: Double, lower: Double, upper: Double)? {
        guard let left = candidate.mean, let right = incumbent.mean, right > 0, let first = candidate.squaredError,
            let second = incumbent.squaredError, let firstVariance = candidate.variance,
            let secondVariance = incumbent.variance
        else { return nil }
        let ratio = left / right
        let alike = left > 0 ? RecomputedExperiment.constant(candidate, incumbent, distance: { log($0 / $1) }) : nil
        // That of m₁ against r m₀, over m₀.
        let (a, b) = alike?.errors ?? (first / (right * right), ratio * ratio * second / (right * right))
        let spread =
            alike.map { $0.variances.0 + $0.variances.1 }
            ?? (firstVariance + ratio * ratio * secondVariance) / (right * right)
        let c = alike == nil ? others.squared : 0
        let error = a + b + c
        guard error > 0, spread > 0 else { return nil }
        let precision = (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
        let scaled = 2 * spread / error * precision
        let squared = (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(alpha))
        let freedom =
            error * error
            / (a * a / max(1, candidate.effectiveUnits - 1) + b * b / max(1, incumbent.effectiveUnits - 1)
                + c * c / max(1, others.number - 1))
        let half = (error * squared).squareRoot() * (1 + (squared + 1) / (4 * freedom))
        if let alike { return (ratio - 1, exp(alike.distance - half) - 1, exp(alike.distance + half) - 1) }
        return (ratio - 1, ratio - 1 - half, ratio - 1 + half)
    }
}
