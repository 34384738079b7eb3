/// What a deployment's traffic was, as far as an experiment on it goes.
package struct PlannedTraffic: Equatable, Sendable {
    package private(set) var requests = 0
    private var scores: [String: UnitTotals] = [:]
    private var units: Set<String> = []
    private var firstRated: [String: Double] = [:]
    /// The log's end, and its middle, in the seconds of `add`; what units rated before the middle is what they rated earlier.
    private let end: Double
    private var middle: Double?
    private var earlier: [String: EarlierRatings] = [:]
    private var later: [String: UnitTotals] = [:]

    /// - Parameter end: of the log, in the seconds of `add`.
    package init(end: Double) { self.end = end }

    /// A request of a unit, with the scores of its ratings in [0, 1]; the first of the log is the first.
    ///
    /// - Parameter seconds: when, from whenever on.
    package mutating func add(unit: String, at seconds: Double, scores: [Double]) {
        requests += 1
        units.insert(unit)
        let middle = self.middle ?? (seconds + end) / 2
        self.middle = middle
        for score in scores {
            self.scores[unit, default: UnitTotals()].add(score)
            if seconds < middle {
                earlier[unit, default: EarlierRatings()].ratings += 1
                earlier[unit, default: EarlierRatings()].scores += score
            } else {
                later[unit, default: UnitTotals()].add(score)
            }
        }
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

    /// The share of the squared error of a difference that is left when what units rated earlier is taken out of it, as the log's
    /// first half explains its second: at most 1, which it is where nothing is known.
    package var varianceKept: Double {
        var arms = [ArmSummary(), ArmSummary()]
        for (place, unit) in later.keys.sorted().enumerated() {
            arms[place % 2].replace(
                UnitTotals(), by: later[unit] ?? UnitTotals(),
                knowing: Covariates(earlier: earlier[unit] ?? EarlierRatings()))
        }
        let sequence = ConfidenceSequence.difference(arms[1], arms[0], alpha: 0.05, tuning: 1000)
        return min(1, sequence?.varianceKept ?? 1)
    }
}
