/// What one arm's values of a metric add up to, with the unit as cluster.
struct MetricSummary: Equatable, Sendable {
    /// What one unit's values add up to.
    struct Unit: Equatable, Sendable {
        var totals = UnitTotals()
        var counts = QuantileSummary.UnitCounts()
        /// Of the goal: whether a request has a value (1) or not (0).
        var presence = UnitTotals()
    }

    let metric: MetricDesign
    private(set) var values = ArmSummary()
    private(set) var quantiles = QuantileSummary()
    /// Of the goal: the share of requests that have a value.
    private(set) var presence = ArmSummary()

    init(_ metric: MetricDesign) {
        self.metric = metric
    }

    /// Takes a value of a unit in.
    ///
    /// - Parameter earlier: the value of the unit that it replaces; never for a quantile.
    mutating func add(_ value: Double, of unit: inout Unit, replacing earlier: Double? = nil) {
        guard metric.quantile == nil else { return quantiles.add(value, of: &unit.counts) }
        let old = contribution(unit.totals)
        if let earlier { unit.totals.exchange(earlier, for: value) } else { unit.totals.add(value) }
        values.replace(old, by: contribution(unit.totals))
    }

    /// A request has a value, or none. Where requests of one arm lack it more often, those that have it are compared with others.
    mutating func serve(hasValue: Bool, of unit: inout Unit) {
        guard metric.role == .goal else { return }
        let old = unit.presence
        unit.presence.add(hasValue ? 1 : 0)
        presence.replace(old, by: unit.presence)
    }

    /// Takes a unit out with all its values.
    mutating func remove(_ unit: Unit) {
        presence.replace(unit.presence, by: UnitTotals())
        quantiles.remove(unit.counts)
        values.replace(contribution(unit.totals), by: UnitTotals())
    }

    /// What a unit counts as: its values, or their sum as one value.
    private func contribution(_ totals: UnitTotals) -> UnitTotals {
        guard metric.per == .unit, totals.ratings > 0 else { return totals }
        return UnitTotals(ratings: 1, sum: totals.sum, squares: totals.sum * totals.sum)
    }

    /// Units with a value.
    var units: Int { metric.quantile == nil ? values.ratedUnits : quantiles.units }

    /// The mean or the quantile; nil without values.
    var estimate: Double? { metric.quantile.map { quantiles.quantile($0) } ?? values.mean }
}

extension MetricSummary {
    /// Whether requests lack a value no more often than in the control's arm, up to what chance explains; where higher values are
    /// better, nor more seldom. What lacks one is taken to be no smaller than what does not: mostly it took too long.
    func isAsPresent(as other: MetricSummary) -> Bool {
        guard let own = presence.mean, let others = other.presence.mean, let error = presence.squaredError,
            let otherError = other.presence.squaredError
        else { return false }
        let rounding = 1e-9
        let allowed = ExperimentDesign.ratedErrors * (error + otherError).squareRoot() + rounding
        return own - others >= -allowed && (metric.better == .lower || own - others <= allowed)
    }
}

/// How much worse a metric is with the candidate than with the control: below 0, it is better.
struct MetricComparison: Equatable, Sendable {
    /// A difference; relative, a share of the control's value.
    var worsening: Double
    /// Its ends, each one-sided at α over all looks after the burn-in.
    var lower: Double
    var upper: Double
    /// Whether it is shown to be better. Of a mean's relative change the difference has to be shown too: where a control has one of
    /// few outliers the share of its mean looks far surer than it is (heavy tails, spread of logarithms 1.5: 10 % wrong, not 2.5 %).
    var isBetter: Bool

    /// - Returns: nil where an arm has fewer than two units, nothing varies, or there is nothing to be relative to.
    init?(candidate: MetricSummary, incumbent: MetricSummary, alpha: Double, tuning: Double) {
        let metric = candidate.metric
        if let quantile = metric.quantile {
            guard
                let ratio = QuantileComparison.ratio(
                    candidate: candidate.quantiles, control: incumbent.quantiles, q: quantile, alpha: alpha,
                    tuning: tuning)
            else { return nil }
            switch metric.better {
            case .lower: (worsening, lower, upper) = (ratio.ratio - 1, ratio.lower - 1, ratio.upper - 1)
            case .higher: (worsening, lower, upper) = (1 - ratio.ratio, 1 - ratio.upper, 1 - ratio.lower)
            }
            isBetter = upper < 0
            return
        }
        // Two-sided it has twice the rate of one end.
        let plain = ConfidenceSequence.difference(
            candidate.values, incumbent.values, alpha: 2 * alpha, tuning: tuning)
        let sequence =
            metric.change == .absolute
            ? plain : ConfidenceSequence.relative(candidate.values, incumbent.values, alpha: 2 * alpha, tuning: tuning)
        guard let sequence, let plain else { return nil }
        switch metric.better {
        case .lower:
            (worsening, lower, upper) = (sequence.difference, sequence.lower, sequence.upper)
            isBetter = upper < 0 && plain.upper < 0
        case .higher:
            (worsening, lower, upper) = (-sequence.difference, -sequence.upper, -sequence.lower)
            isBetter = upper < 0 && plain.lower > 0
        }
    }
}
