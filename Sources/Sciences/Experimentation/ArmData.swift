/// What a look sees of one arm: enrolled units, their counting ratings, and how its requests went. All of it is kept as
/// sums that a new row changes in constant time, so that a look costs what came since the last one.
package struct ArmData: Equatable, Sendable {
    private struct Unit: Equatable, Sendable {
        var ratings = UnitTotals()
        /// Whether a request failed (1) or not (0), and milliseconds, of the requests that have them.
        var failures = UnitTotals()
        var hasFailedLast = false
        /// Whether it has a score among the first ones.
        var hasFirstScore = false
        /// Whether the value of an independent rating that came last was nearer to the worst than to the best.
        var isDiscontent = false
        var latencies = UnitTotals()
        /// The day of its last request that counts, and how many of that day do.
        var requestDay: Int32 = .min
        var requestsOfDay: Int32 = 0
        var requests = RequestTotals()
        var covariates = Covariates()
        /// By the metric's place in the design; empty where there are none.
        var metrics: [MetricSummary.Unit] = []

        /// Whether its ratings count and nobody asked yet how difficult its first query is.
        var isUnasked: Bool { ratings.ratings > 0 && covariates.difficulty == .unknown }
    }

    /// Enrolled units, and those of them that are left out since they were seen in both arms.
    package private(set) var enrolled = 0
    package var inBothArms: Int { leftOut.count }
    /// Requests within the units' numbers of a day, and how many of them failed.
    package private(set) var requests = 0
    package private(set) var errors = 0
    package private(set) var summary = ArmSummary()
    /// Rated units of whose first query it is not known yet how difficult it is, nor that there is no figure.
    package private(set) var unaskedUnits = 0
    private(set) var errorSummary = ArmSummary()
    /// Units whose last request failed, and those whose last rating was bad.
    private var failing = 0
    private var heard = 0
    private var discontent = 0
    private(set) var latencySummary = ArmSummary()
    /// Ratings that are set aside: shown, and not decided on.
    package private(set) var aside = ArmSummary()
    /// Good ratings, bad ratings and ratings of either kind, by request: their means are shares of the requests.
    package private(set) var goodPerRequest = ArmSummary()
    package private(set) var badPerRequest = ArmSummary()
    package private(set) var ratedPerRequest = ArmSummary()
    /// Of the units that were first rated since the last look, the score of their first independent rating, in the order they came.
    package private(set) var newScores: [Double] = []
    /// Likewise of units first served since the last look: 1 where that first request was answered, 0 where it failed.
    package private(set) var newAnswers: [Double] = []
    private var units: [String: Unit] = [:]
    private var ratingsAside: [String: UnitTotals] = [:]
    private var leftOut: Set<String> = []
    /// Units whose requests are not among those that can be rated.
    private var unratable: Set<String> = []
    /// At the last look, ratings that wait for whether newcomers came in a burst, and units with such ones.
    package private(set) var waitingRatings = 0
    package private(set) var waitingUnits = 0
    private(set) var metrics: [MetricSummary]

    package init(metrics: [MetricDesign] = []) {
        self.metrics = metrics.map(MetricSummary.init)
    }

    /// Whether the units' last request failed.
    package var lastRequests: LatestOutcomes { LatestOutcomes(units: errorSummary.ratedUnits, bad: failing) }
    /// Whether what came last of their ratings was bad.
    package var lastRatings: LatestOutcomes { LatestOutcomes(units: heard, bad: discontent) }

    /// Takes a unit in, before its requests and ratings.
    package mutating func enrol(unit: String, earlier: EarlierRatings = EarlierRatings()) {
        enrolled += 1
        // Who has nothing to remember is remembered with the first request or rating.
        if earlier.ratings > 0 { units[unit, default: Unit()].covariates.earlier = earlier }
    }

    /// The incumbent was asked how difficult the unit's first query is.
    package mutating func know(_ difficulty: Covariates.Difficulty, ofFirstQueryOf unit: String) {
        guard !leftOut.contains(unit) else { return }
        let old = units[unit] ?? Unit()
        var new = old
        new.covariates.difficulty = difficulty
        summary.exchange(old.covariates, for: new.covariates, of: old.ratings)
        units[unit] = new
        if old.isUnasked { unaskedUnits -= 1 }
        if new.isUnasked { unaskedUnits += 1 }
    }

    /// Takes a request of an enrolled unit in, in the order in which they were logged. Beyond `most` on a day it is what the unit
    /// met last, and no more: who asks without end would else be the whole arm.
    ///
    /// - Returns: whether it is beyond that.
    @discardableResult
    package mutating func serve(
        unit: String, _ outcome: RequestOutcome, day: Int32 = 0, most: Int = ExperimentDesign.unlimited
    ) -> Bool {
        guard !leftOut.contains(unit) else { return false }
        let old = units[unit] ?? Unit()
        var new = old
        // A clock that is set back begins no day.
        if day > new.requestDay { (new.requestDay, new.requestsOfDay) = (day, 0) }
        let isBeyond = new.requestsOfDay >= most
        if !isBeyond {
            new.requestsOfDay += 1
            count(outcome, of: unit, &new, before: old)
        }
        new.hasFailedLast = outcome.failed
        failing += (new.hasFailedLast ? 1 : 0) - (old.hasFailedLast ? 1 : 0)
        units[unit] = new
        return isBeyond
    }

    private mutating func count(_ outcome: RequestOutcome, of unit: String, _ new: inout Unit, before old: Unit) {
        requests += 1
        if outcome.failed { errors += 1 }
        if old.failures.ratings == 0 { newAnswers.append(outcome.failed ? 0 : 1) }
        new.failures.add(outcome.failed ? 1 : 0)
        errorSummary.replace(old.failures, by: new.failures)
        if let latency = outcome.latencyMilliseconds {
            new.latencies.add(latency)
            latencySummary.replace(old.latencies, by: new.latencies)
        }
        for (place, metric) in metrics.enumerated() {
            let value = outcome.value(of: metric.metric.measure)
            if let value { add(value, to: place, of: &new) }
            if metric.metric.role == .goal {
                prepare(&new)
                metrics[place].serve(hasValue: value != nil, of: &new.metrics[place])
            }
        }
        new.requests.serve()
        replaceRequests(of: unit, old, by: new)
    }

    /// Takes the requests of a unit, those that come later too, out of those that can be rated, or back in: what is rated is a
    /// share of the requests of those whose ratings count.
    package mutating func setRatable(_ isRatable: Bool, unit: String) {
        guard isRatable ? unratable.remove(unit) != nil : unratable.insert(unit).inserted,
            let requests = units[unit]?.requests
        else { return }
        replace(isRatable ? RequestTotals() : requests, by: isRatable ? requests : RequestTotals())
    }

    /// Takes one request of a unit out of those that can be rated (it is rated, and the rating does not count), or in, or back in.
    package mutating func dismiss(_ isDismissed: Bool, unit: String) {
        guard !leftOut.contains(unit) else { return }
        let old = units[unit] ?? Unit()
        var new = old
        new.requests.dismiss(isDismissed)
        replaceRequests(of: unit, old, by: new)
        units[unit] = new
    }

    /// Takes a rating in, with its score in [0, 1]; where it replaces one that was taken in before, with that one's score.
    ///
    /// - Parameters:
    ///   - metric: the place in the design of the metric whose scale it is on; nil: it is on the goal's.
    ///   - isIndependent: the unit said so itself, or somebody who had said nothing of another unit's.
    ///   - request: the mean score of all who rated the request, now and before; nil: nobody else did.
    package mutating func rate(
        unit: String, score: Double, replacing earlier: Double? = nil, metric: Int? = nil,
        isIndependent: Bool = true, request: (score: Double, earlier: Double?)? = nil
    ) {
        guard !leftOut.contains(unit) else { return }
        if let metric {
            var entry = units[unit] ?? Unit()
            add(score, to: metric, of: &entry, replacing: earlier)
            units[unit] = entry
            return
        }
        let old = units[unit] ?? Unit()
        var new = old
        if isIndependent {
            if !old.hasFirstScore {
                newScores.append(score)
                heard += 1
            }
            new.hasFirstScore = true
            new.isDiscontent = score < 0.5
            discontent += (new.isDiscontent ? 1 : 0) - (old.isDiscontent ? 1 : 0)
        }
        if let earlier { new.ratings.exchange(earlier, for: score) } else { new.ratings.add(score) }
        summary.replace(old.ratings, by: new.ratings, knowing: new.covariates)
        if new.isUnasked, !old.isUnasked { unaskedUnits += 1 }
        let (requestScore, requestEarlier) = request ?? (score, earlier)
        new.requests.rate(requestScore, replacing: requestEarlier)
        replace(old.requests, by: new.requests)
        units[unit] = new
    }

    private mutating func add(_ value: Double, to place: Int, of unit: inout Unit, replacing earlier: Double? = nil) {
        prepare(&unit)
        metrics[place].add(value, of: &unit.metrics[place], replacing: earlier)
    }

    private func prepare(_ unit: inout Unit) {
        if unit.metrics.isEmpty { unit.metrics = metrics.map { _ in MetricSummary.Unit() } }
    }

    /// Leaves a unit out from here on, with all that it brought: it was seen in the other arm too. What was settled by bets
    /// stays settled.
    package mutating func leaveOut(unit: String) {
        guard leftOut.insert(unit).inserted else { return }
        let old = units.removeValue(forKey: unit) ?? Unit()
        summary.replace(old.ratings, by: UnitTotals(), knowing: old.covariates)
        if old.isUnasked { unaskedUnits -= 1 }
        requests -= old.failures.ratings
        errors -= Int(old.failures.sum)
        if old.hasFailedLast { failing -= 1 }
        if old.hasFirstScore { heard -= 1 }
        if old.isDiscontent { discontent -= 1 }
        errorSummary.replace(old.failures, by: UnitTotals())
        latencySummary.replace(old.latencies, by: UnitTotals())
        if !unratable.contains(unit) { replace(old.requests, by: RequestTotals()) }
        for (place, unit) in old.metrics.enumerated() { metrics[place].remove(unit) }
        aside.replace(ratingsAside.removeValue(forKey: unit) ?? UnitTotals(), by: UnitTotals())
    }

    /// Likewise a rating that is set aside.
    package mutating func setAside(unit: String, score: Double, replacing earlier: Double? = nil) {
        guard !leftOut.contains(unit) else { return }
        let old = ratingsAside[unit] ?? UnitTotals()
        var new = old
        if let earlier { new.exchange(earlier, for: score) } else { new.add(score) }
        aside.replace(old, by: new)
        ratingsAside[unit] = new
    }

    func isLeftOut(_ unit: String) -> Bool { leftOut.contains(unit) }

    /// So many ratings, of so many units, wait for whether newcomers came in a burst.
    package mutating func wait(ratings: Int, units: Int) { (waitingRatings, waitingUnits) = (ratings, units) }

    private mutating func replaceRequests(of unit: String, _ old: Unit, by new: Unit) {
        if !unratable.contains(unit) { replace(old.requests, by: new.requests) }
    }

    private mutating func replace(_ old: RequestTotals, by new: RequestTotals) {
        goodPerRequest.replace(old.good, by: new.good)
        badPerRequest.replace(old.bad, by: new.bad)
        ratedPerRequest.replace(old.rated, by: new.rated)
    }

    /// The look was taken: who is new from here on counts for the next one.
    package mutating func endLook() {
        newScores = []
        newAnswers = []
    }
}
