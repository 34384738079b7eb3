import Glibc
import Values

/// An experiment taken again, look by look, from the exported rows.
///
/// 1. A rater's opinion of an interaction is one rating: it has its place among the rater's ratings of a day when it first
///    arrives, and the value of the latest, by time, then by arrival. What arrives is what a look is the first to see.
///    Where newcomers are set aside, theirs do not count, nor do their requests in what is rated by request. Where those are
///    who come in a burst (`RecomputedArrivals`), newcomers' ratings wait until it is known.
/// 2. An arm's mean is Σ scores ÷ Σ ratings, its squared error has the unit as cluster (`RecomputedArm`).
/// 3. The interval is the asymptotic confidence sequence of arXiv 2103.06476: with n = 2 (v₁ + v₂) ÷ s² and
///    ρ² = (−2 ln α + ln(1 − 2 ln α)) ÷ n*, z² = (1 + 1 ÷ (n ρ²)) (ln(n ρ² + 1) − 2 ln α) and half width
///    s z (1 + (z² + 1) ÷ (4 ν)), where ν are Welch's degrees of freedom on effective numbers of units (Σ n)² ÷ Σ n².
///    Who rates the answers to others adds to s² (`others`), with the effective number of them in ν.
///    What units rated before their enrolment is taken out of both by least squares.
/// 4. Harm is a bet on first scores as they came (`RecomputedBet`): of units' own opinions, and of each other person's first. That on errors is one on whether a unit's first request was answered.
/// 5. Equal arms: p = B(50, 50) ÷ (B(n₁ + 50, n₀ + 50) · 2^(n₁ + n₀)), at most 1, the smallest over all looks.
/// 6. By request: good, bad and all ratings ÷ requests, unit as cluster; shares of rated requests that the sequence at 1 %
///    has told apart once, after the burn-in, stay told apart.
/// 7. Errors, latency and metrics of requests count so many of a unit's requests of a day, the first of it.
/// 8. `RecomputedExperiment+Decision.swift` takes the decision.
struct RecomputedExperiment: Sendable {
    private struct Opinion: Sendable {
        var unit: String
        var rater: String
        var interaction: String
        var scale: String
        var score: Double
        var time: Timestamp
        var counts: Bool
        /// Beyond the day's numbers.
        var isOver = false
        /// The unit's own, or of somebody who was not heard on another unit before.
        var isIndependent = false
    }

    /// Of a difference, with its standard error, the share of its square that the adjustment kept, and that those add who rate
    /// the answers to others.
    struct Interval: Sendable {
        var difference: Double
        var lower: Double
        var upper: Double
        var error: Double
        var kept: Double?
        var raterShare: Double?
    }

    let terms: RecomputedTerms
    private(set) var assigned = ["incumbent": 0, "candidate": 0]
    private var arms: [String: String] = [:]
    private var covariates: [String: [Double]] = [:]
    /// By unit, where the incumbent was asked; without a figure nothing.
    private var difficulties: [String: [Double]] = [:]
    private var newcomers = Set<String>()
    private var arrivals: RecomputedArrivals?
    /// Ratings of newcomers of whom it is not known yet whether they came in a burst, as they arrived.
    private var waiting: [ExportedRating] = []
    private var opinions: [String: Opinion] = [:]
    private var perDay: [String: Int] = [:]
    private var entered = Set<String>()
    /// Raters of other units' answers who were heard.
    private var heard = Set<String>()
    /// Units that the other arm answered too.
    private(set) var leftOut = Set<String>()
    private(set) var bet = RecomputedBet()
    /// Whether the value of an independent opinion that came last was below a half, by unit.
    private var isDiscontent: [String: Bool] = [:]
    private var requests: [String: [ExportedRequest]] = [:]
    /// Of each unit's requests, whether it is within the number of its day.
    private var withinDay: [String: [Bool]] = [:]
    private var requestDay: [String: Int] = [:]
    private(set) var errorBet = RecomputedBet()
    var ratedSharesDiffer = false
    var smallestAssignmentP = 1.0
    var smallestRaterP = 1.0
    /// Step of the ramp, from 0, and when it began, in seconds since the start.
    var step = 0
    var stepStart = 0.0
    var decided: String?
    /// How many were taken.
    var looks = 0

    init(terms: RecomputedTerms) {
        self.terms = terms
        arrivals = terms.burstLimits.map { RecomputedArrivals(limits: $0, hourSeconds: terms.daySeconds / 24) }
    }

    mutating func add(_ assignment: ExportedAssignment) {
        guard !assignment.isExcluded else { return }
        arms[assignment.unit] = assignment.arm
        guard !assignment.isAgain else { return }
        assigned[assignment.arm, default: 0] += 1
        if terms.newcomersAside || arrivals != nil, assignment.isNewcomer { newcomers.insert(assignment.unit) }
        let (count, sum) = assignment.earlier
        if count > 0 { covariates[assignment.unit] = [sum / (count + 2), count / (count + 2)] }
    }

    mutating func add(_ difficulty: ExportedDifficulty) {
        difficulties[difficulty.unit] = difficulty.nats.map { [$0, 1] } ?? [0, 0]
    }

    mutating func add(_ newcomer: ExportedNewcomer) {
        for name in newcomer.names { arrivals?.add(name, at: newcomer.received.seconds(since: terms.started)) }
    }

    /// All that came before a look was added: newcomers who came in no burst count, in the order in which they rated.
    mutating func beginLook(elapsed: Double) {
        arrivals?.look(at: elapsed)
        let ratings = waiting
        waiting = []
        for rating in ratings { add(rating) }
    }

    /// Whether a newcomer's requests are no part of those that could be rated.
    private func isSilent(_ unit: String) -> Bool {
        guard newcomers.contains(unit) else { return false }
        guard let arrivals else { return true }
        return arrivals.waits(unit) || arrivals.isAside(unit)
    }

    mutating func add(_ rating: ExportedRating) {
        guard let arm = arms[rating.unit] else { return }
        let new = (newcomers.contains(rating.unit) ? [rating.unit] : []) + (rating.isByNewcomer ? [rating.rater] : [])
        for name in new { arrivals?.add(name, at: rating.received.seconds(since: terms.started)) }
        if let arrivals, new.contains(where: arrivals.waits) {
            waiting.append(rating)
            return
        }
        let key = "\(rating.interaction)\u{1}\(rating.rater)\u{1}\(rating.scale)"
        if let known = opinions[key] {
            // Rows come in the order of arrival, so of equal times the later row counts.
            guard rating.time >= known.time else { return }
            opinions[key]?.score = rating.score
            opinions[key]?.time = rating.time
            if known.isIndependent { isDiscontent[rating.unit] = rating.score < 0.5 }
            return
        }
        let day = Int(rating.received.seconds(since: terms.started) / terms.daySeconds)
        let (rater, unit) = (
            "rater \(rating.rater) \(rating.scale) \(day)", "unit \(rating.unit) \(rating.scale) \(day)"
        )
        let isAside = arrivals.map { new.contains(where: $0.isAside) } ?? (terms.newcomersAside && !new.isEmpty)
        let isAdmitted =
            perDay[rater, default: 0] < terms.ratingsPerRaterPerDay
            && (isAside || perDay[unit, default: 0] < terms.ratingsPerUnitPerDay)
        if isAdmitted {
            perDay[rater, default: 0] += 1
            if !isAside { perDay[unit, default: 0] += 1 }
        }
        let counts = isAdmitted && !isAside
        opinions[key] = Opinion(
            unit: rating.unit, rater: rating.rater, interaction: rating.interaction, scale: rating.scale,
            score: rating.score,
            time: rating.time, counts: counts, isOver: !isAdmitted)
        guard counts, rating.scale == terms.scale.name,
            rating.rater == rating.unit || heard.insert(rating.rater).inserted
        else { return }
        opinions[key]?.isIndependent = true
        guard !leftOut.contains(rating.unit) else { return }
        isDiscontent[rating.unit] = rating.score < 0.5
        if entered.insert(rating.unit).inserted {
            bet.enter(rating.score, isCandidate: arm == "candidate")
        }
    }

    mutating func add(_ request: ExportedRequest) {
        guard let arm = arms[request.unit], !leftOut.contains(request.unit) else { return }
        guard !request.isOtherArm else {
            leftOut.insert(request.unit)
            requests[request.unit] = nil
            withinDay[request.unit] = nil
            return
        }
        if requests[request.unit] == nil {
            errorBet.enter(request.failed ? 0 : 1, isCandidate: arm == "candidate")
        }
        let day = max(
            requestDay[request.unit] ?? 0, Int(request.received.seconds(since: terms.started) / terms.daySeconds))
        requestDay[request.unit] = day
        let place = perDay["requests \(request.unit) \(day)", default: 0]
        perDay["requests \(request.unit) \(day)"] = place + 1
        requests[request.unit, default: []].append(request)
        withinDay[request.unit, default: []].append(terms.requestsPerUnitPerDay.map { place < $0 } ?? true)
    }

    /// Of an arm's units, for how many the last request failed, or the last rating was bad, and how many there are.
    func last(_ name: String) -> (failed: RecomputedTally, discontent: RecomputedTally) {
        (
            RecomputedTally(requests.compactMap { arms[$0] == name ? $1.last?.failed : nil }),
            RecomputedTally(
                isDiscontent.compactMap { arms[$0] == name && !leftOut.contains($0) ? $1 : nil })
        )
    }

    private func counting(_ name: String, on scale: String? = nil) -> [Opinion] {
        opinions.values.filter {
            $0.counts && arms[$0.unit] == name && !leftOut.contains($0.unit) && $0.scale == scale ?? terms.scale.name
        }
    }

    /// The values that the units of an arm have of a metric.
    func values(_ name: String, _ metric: RecomputedMetric) -> [[Double]] {
        var values: [String: [Double]] = [:]
        if let scale = metric.scale {
            for opinion in counting(name, on: scale.name) { values[opinion.unit, default: []].append(opinion.score) }
        } else {
            for unit in requests.keys where arms[unit] == name {
                let found = counting(requestsOf: unit).compactMap(metric.value)
                if !found.isEmpty { values[unit] = found }
            }
        }
        return Array(values.values)
    }

    /// Units of an arm, less those that the other one answered too.
    func compared(_ name: String) -> Int { (assigned[name] ?? 0) - leftOut.count { arms[$0] == name } }

    /// The scores of an arm as they stand now.
    func arm(_ name: String) -> RecomputedArm {
        var arm = RecomputedArm()
        for opinion in counting(name) { arm.units[opinion.unit, default: .init()].add(opinion.score) }
        let takesDifficulty = takesDifficulty
        for unit in arm.units.keys {
            let difficulty = takesDifficulty ? difficulties[unit] ?? [0, 0] : []
            arm.units[unit]?.covariates = (covariates[unit] ?? [0, 0]) + difficulty
        }
        return arm
    }

    /// Whether of every unit with a rating that counts it is known how difficult its first query is, or that there is no figure.
    var takesDifficulty: Bool {
        terms.asksDifficulty
            && opinions.values.allSatisfy {
                !$0.counts || leftOut.contains($0.unit) || $0.scale != terms.scale.name || difficulties[$0.unit] != nil
            }
    }

    /// Those within the numbers of a day, or beyond them.
    private func counting(requestsOf unit: String, within: Bool = true) -> [ExportedRequest] {
        zip(requests[unit] ?? [], withinDay[unit] ?? []).compactMap { $1 == within ? $0 : nil }
    }

    /// One value a request of an arm, where `value` has one.
    func requests(_ name: String, _ value: (ExportedRequest) -> Double?) -> RecomputedArm {
        var arm = RecomputedArm()
        for unit in requests.keys where arms[unit] == name {
            for request in counting(requestsOf: unit) {
                if let value = value(request) { arm.units[unit, default: .init()].add(value) }
            }
        }
        return arm
    }

    /// What the ratings of an arm give, over its requests.
    func perRequest(_ name: String, _ value: (_ score: Double) -> Double) -> RecomputedArm {
        var arm = requests(name) { isSilent($0.unit) ? nil : 0 }
        // Beyond the numbers of a day those that are rated.
        let beyond = requests.keys.filter { arms[$0] == name }.flatMap { counting(requestsOf: $0, within: false) }
        let valued = Set(counting(name).map(\.interaction))
        for request in beyond where valued.contains(request.interaction) && !isSilent(request.unit) {
            arm.units[request.unit, default: .init()].add(0)
        }
        let unrated = Set(beyond.map(\.interaction)).subtracting(valued)
        // Rated, and all of it beyond the day's numbers: neither rated nor not.
        let rated = opinions.values.filter {
            arms[$0.unit] == name && !leftOut.contains($0.unit) && $0.scale == terms.scale.name
        }
        for opinions in Dictionary(grouping: rated, by: \.interaction).values
        where opinions.contains(where: \.isOver) && !opinions.contains(where: \.counts)
            && !unrated.contains(opinions[0].interaction)
        {
            arm.units[opinions[0].unit]?.count -= 1
        }
        // Of several raters of a request their mean.
        for opinions in Dictionary(grouping: counting(name), by: \.interaction).values {
            let value = value(opinions.reduce(0) { $0 + $1.score } / Double(opinions.count))
            arm.units[opinions[0].unit]?.sum += value
            arm.units[opinions[0].unit]?.squares += value * value
        }
        return arm
    }

    /// What those who rate the answers to others add to the squared error of the candidate's mean less `ratio` times the
    /// incumbent's, both as shares of `base`: how much more the sum of a rater's parts of it is squared than each unit's by itself.
    /// And their effective number.
    func others(
        _ candidate: RecomputedArm, _ incumbent: RecomputedArm, ratio: Double = 1, base: Double = 1
    ) -> (squared: Double, number: Double) {
        var parts: [String: [String: Double]] = [:]
        var counts: [String: Double] = [:]
        for (name, arm, weight) in [("candidate", candidate, 1 / base), ("incumbent", incumbent, -ratio / base)] {
            for opinion in counting(name) where opinion.rater != opinion.unit {
                let part = weight * (opinion.score - (arm.mean ?? 0)) / arm.count
                parts[opinion.rater, default: [:]][opinion.unit, default: 0] += part
                counts[opinion.rater, default: 0] += 1
            }
        }
        guard !parts.isEmpty, candidate.mean != nil, incumbent.mean != nil else { return (0, 1) }
        let more = parts.values.reduce(0.0) { sum, units in
            sum + pow(units.values.reduce(0, +), 2) - units.values.reduce(0) { $0 + $1 * $1 }
        }
        let all = counts.values.reduce(0, +)
        return (max(0, more), all * all / counts.values.reduce(0) { $0 + $1 * $1 })
    }

    /// Of candidate minus incumbent; nil where an arm has fewer than two rated units or nothing varies.
    ///
    /// - Parameter others: what those who rate the answers to others add.
    static func interval(
        _ candidate: RecomputedArm, _ incumbent: RecomputedArm, alpha: Double, tuning: Double,
        others: (squared: Double, number: Double) = (0, 1)
    ) -> Interval? {
        guard let left = candidate.mean, let right = incumbent.mean, var first = candidate.squaredError,
            var second = incumbent.squaredError, var firstVariance = candidate.variance,
            var secondVariance = incumbent.variance
        else { return nil }
        var (difference, others) = (left - right, others)
        var kept: Double?
        if let (_, errors, variances) = constant(candidate, incumbent, distance: { $0 - $1 }) {
            (first, second) = errors
            (firstVariance, secondVariance) = variances
            others = (0, 1)
        } else if first + second > 0, let theta = theta(candidate, incumbent) {
            for (theta, (z1, z0)) in zip(theta, zip(candidate.covariates, incumbent.covariates)) {
                difference -= theta * (z1 - z0)
            }
            let plain = first + second
            (first, second) = (candidate.squaredError(without: theta), incumbent.squaredError(without: theta))
            kept = (first + second) / plain
        }
        let squaredError = first + second + others.squared
        guard squaredError > 0, firstVariance + secondVariance > 0 else { return nil }
        let sample = 2 * (firstVariance + secondVariance) / squaredError
        let precision = (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
        let scaled = sample * precision
        let squared = (1 + 1 / scaled) * (log(scaled + 1) - 2 * log(alpha))
        let freedom =
            squaredError * squaredError
            / (first * first / max(1, candidate.effectiveUnits - 1)
                + second * second / max(1, incumbent.effectiveUnits - 1)
                + others.squared * others.squared / max(1, others.number - 1))
        let half = (squaredError * squared).squareRoot() * (1 + (squared + 1) / (4 * freedom))
        let share = others.squared / squaredError
        return Interval(
            difference: difference, lower: difference - half, upper: difference + half,
            error: squaredError.squareRoot(),
            kept: kept, raterShare: share > 1e-9 ? share : nil)
    }

    /// Where neither arm varies and both have 20 units, their distance, with the errors and variances of one unit more in each that has
    /// the other's value.
    static func constant(
        _ candidate: RecomputedArm, _ incumbent: RecomputedArm, distance: (Double, Double) -> Double
    ) -> (distance: Double, errors: (Double, Double), variances: (Double, Double))? {
        guard let left = candidate.mean, let right = incumbent.mean, let first = candidate.variance,
            let second = incumbent.variance, min(candidate.units.count, incumbent.units.count) >= 20,
            pow(left - right, 2) > 1e-18 * (left * left + right * right), first + second <= 1e-12 * pow(left - right, 2)
        else { return nil }
        let far = distance(left, right)
        let (k, l) = (Double(candidate.units.count + 1), Double(incumbent.units.count + 1))
        return (far, (pow(far / k, 2), pow(far / l, 2)), (far * far / k, far * far / l))
    }

    /// Least squares of the units' residuals on those of the covariates, both arms together; nil where there is nothing to
    /// explain by. A millionth of the squares is added to them, so that there always is a solution.
    private static func theta(_ candidate: RecomputedArm, _ incumbent: RecomputedArm) -> [Double]? {
        let size = (Array(candidate.units.values) + Array(incumbent.units.values)).reduce(0) { sum, unit in
            sum + unit.count * unit.count * unit.covariates.reduce(0) { $0 + $1 * $1 }
        }
        let units = candidate.residuals + incumbent.residuals
        let number = units.first?.covariates.count ?? 0
        guard min(candidate.units.count, incumbent.units.count) > 1 + number / 2 else { return nil }
        // The normal equations, each row with its right side.
        var rows = [[Double]](repeating: [Double](repeating: 0, count: number + 1), count: number)
        for unit in units {
            for (row, w) in unit.covariates.enumerated() {
                for (column, other) in (unit.covariates + [unit.outcome]).enumerated() {
                    rows[row][column] += w * other
                }
            }
        }
        let trace = (0..<number).reduce(0) { $0 + rows[$1][$1] }
        // What is left of covariates that are all alike is rounding.
        guard trace > 1e-9 * size else { return nil }
        for row in 0..<number { rows[row][row] += 1e-6 * trace }
        return eliminated(rows)
    }

    /// The solution of linear equations by Gauss's elimination, with the largest pivot first.
    private static func eliminated(_ equations: [[Double]]) -> [Double] {
        var rows = equations
        for column in rows.indices {
            let pivot = (column..<rows.count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            for row in rows.indices where row != column {
                let factor = rows[row][column] / rows[column][column]
                for place in column...rows.count { rows[row][place] -= factor * rows[column][place] }
            }
        }
        return rows.indices.map { rows[$0][rows.count] / rows[$0][$0] }
    }

    /// The p-value of equally many in both arms at one look.
    static func ratioPValue(_ first: Int, _ second: Int) -> Double {
        func logFactorial(_ number: Int) -> Double { (1...max(1, number)).reduce(0.0) { $0 + log(Double($1)) } }
        // ln B(a, b) = ln (a − 1)! + ln (b − 1)! − ln (a + b − 1)! for whole numbers.
        func logBeta(_ a: Int, _ b: Int) -> Double {
            logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1)
        }
        let evidence = logBeta(first + 50, second + 50) - logBeta(50, 50) + Double(first + second) * log(2)
        return min(1, exp(-evidence))
    }
}
