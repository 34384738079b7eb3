/// What a deployment's traffic was, as far as an experiment on it goes.
package struct PlannedTraffic: Equatable, Sendable {
    package private(set) var requests = 0
    private var scores: [String: UnitTotals] = [:]
    private var units: Set<String> = []
    private var firstRated: [String: Double] = [:]

    package init() {}

    /// A request of a unit, with the scores of its ratings in [0, 1].
    ///
    /// - Parameter seconds: when, from whenever on.
    package mutating func add(unit: String, at seconds: Double, scores: [Double]) {
        requests += 1
        units.insert(unit)
        for score in scores { self.scores[unit, default: UnitTotals()].add(score) }
        if !scores.isEmpty { firstRated[unit] = min(firstRated[unit] ?? .infinity, seconds) }
    }

    package var unitCount: Int { units.count }
    /// - Parameters:
    ///   - start: the log's begin, in the seconds of `add`.
    ///   - span: its length in seconds, above 0.
    package func ratingUnits(from start: Double, span: Double) -> RatingUnits {
        RatingUnits(firsts: firstRated.values, start: start, span: span)
    }

    package var ratedUnitCount: Int { scores.count }

    /// Its ratings as those of one arm.
    package var summary: ArmSummary {
        var summary = ArmSummary()
        for totals in scores.values { summary.replace(UnitTotals(), by: totals) }
        return summary
    }

    /// Independent ratings that would tell as much, since those of one unit are alike: the variance of single ratings ÷ the
    /// squared error of their mean with the unit as cluster; at most the ratings.
    package var information: Double {
        let summary = summary
        let ratings = Double(summary.ratings)
        guard let variance = summary.ratingVariance, let error = summary.squaredError, error > 0 else { return ratings }
        return min(ratings, variance / error)
    }
}
