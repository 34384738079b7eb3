/// What a look sees of one arm: enrolled units, their counting ratings, and how its requests went.
package struct ArmData: Equatable, Sendable {
    /// Counting ratings of a unit in [0, 1], by the order in which they entered.
    package var ratings: [String: [Double]] = [:]
    /// Rated units in the order of their first counting rating.
    package var order: [String] = []
    /// Enrolled units.
    package var enrolled = 0
    package private(set) var requests = 0
    package private(set) var errors = 0
    /// By unit: whether a request failed (1) or not (0), and milliseconds, of the requests that have them.
    private var failures: [String: UnitTotals] = [:]
    private var latencies: [String: UnitTotals] = [:]
    /// 1 where a unit's first request was answered, 0 where it failed, in the order of first requests.
    private(set) var firstAnswers: [Double] = []

    package init() {}

    /// Takes a request of an enrolled unit in, in the order in which they were logged.
    package mutating func serve(unit: String, failed: Bool, latencyMilliseconds: Double?) {
        requests += 1
        if failed { errors += 1 }
        if failures[unit] == nil { firstAnswers.append(failed ? 0 : 1) }
        failures[unit, default: UnitTotals()].add(failed ? 1 : 0)
        if let latencyMilliseconds { latencies[unit, default: UnitTotals()].add(latencyMilliseconds) }
    }

    package mutating func rate(unit: String, score: Double) {
        if ratings[unit] == nil { order.append(unit) }
        ratings[unit, default: []].append(score)
    }

    var summary: ArmSummary {
        var summary = ArmSummary()
        summary.units = enrolled
        for unit in order { summary.add(unit: ratings[unit] ?? []) }
        return summary
    }

    var firstRatings: [Double] { order.compactMap { ratings[$0]?.first } }

    var errorSummary: ArmSummary { ArmSummary(failures) }
    var latencySummary: ArmSummary { ArmSummary(latencies) }
}

extension ArmSummary {
    /// In the order of the units' names, so that sums are the same in every process.
    fileprivate init(_ units: [String: UnitTotals]) {
        self.init()
        for (_, totals) in units.sorted(by: { $0.key < $1.key }) { replace(UnitTotals(), by: totals) }
    }
}
