import Statistics

/// The offline gate: what a candidate has to show on held-out rows before anybody is exposed to it.
///
/// 1. On recent held-out rows the weighted mean log-likelihood a token of the accepted answer must rise: the one-sided
///    95 % bound of the paired difference, by a bootstrap over units, above zero.
/// 2. On old rows and on the golden set it must not lose more than the margin: the one-sided 95 % bound of the paired
///    difference in right answers (or in nats a token), not the estimate, against the margin; with fewer old rows than
///    asked for it says "too few".
///
/// Rows are weighed everywhere: thumbs-up rows are those that the incumbent got right by construction, and a correction
/// counts for the bad answers that nobody corrected; unweighted, what a candidate mends on old traffic would be missed.
package struct Gate: Equatable, Sendable {
    /// One held-out row as both arms answered it.
    package struct Row: Equatable, Sendable {
        package var unit: String
        package var weight: Double
        /// Log-likelihood of the accepted answer, in nats, and its tokens.
        package var incumbent: Double
        package var candidate: Double
        package var tokens: Int
        package var incumbentIsRight: Bool
        package var candidateIsRight: Bool

        package init(
            unit: String, weight: Double, incumbent: Double, candidate: Double, tokens: Int, incumbentIsRight: Bool,
            candidateIsRight: Bool
        ) {
            self.unit = unit
            self.weight = weight
            self.incumbent = incumbent
            self.candidate = candidate
            self.tokens = tokens
            self.incumbentIsRight = incumbentIsRight
            self.candidateIsRight = candidateIsRight
        }
    }

    /// A difference, candidate − incumbent, with its one-sided 95 % bounds.
    package struct Difference: Codable, Equatable, Sendable {
        package var rows: Int
        package var units: Int
        package var estimate: Double
        package var lower: Double
        /// Nil in reports of before it was kept.
        package var upper: Double?
        package var incumbent: Double
        package var candidate: Double
    }

    /// The gate's verdict with its reason in a sentence, and what it was decided on; a difference is nil where its rows
    /// come from fewer than five units.
    package struct Report: Codable, Equatable, Sendable {
        package var passed: Bool
        package var reason: String
        /// Nats a token on recent rows.
        package var recent: Difference?
        /// Right answers (or nats a token) on old rows and on the golden set.
        package var old: Difference?
        package var golden: Difference?
        /// Right answers on recent rows, for people and for the plan.
        package var recentRight: Difference?
    }

    package var margin: Double
    package var leastOldRows: Int
    /// Compare old rows by log-likelihood in nats a token instead of right answers.
    package var comparesText: Bool
    package var seed: UInt64

    package init(margin: Double, leastOldRows: Int, comparesText: Bool, seed: UInt64) {
        self.margin = margin
        self.leastOldRows = leastOldRows
        self.comparesText = comparesText
        self.seed = seed
    }

    /// Compares both arms on each set of rows. Recent and old rows must be enough to judge; an empty golden set, or one
    /// from fewer than five units, decides nothing.
    package func judge(recent: [Row], old: [Row], golden: [Row]) -> Report {
        let recentDifference = difference(recent, byLikelihood: true)
        let oldDifference = difference(old, byLikelihood: comparesText)
        let goldenDifference = difference(golden, byLikelihood: comparesText)
        var report = Report(
            passed: false, reason: "", recent: recentDifference, old: oldDifference, golden: goldenDifference,
            recentRight: difference(recent, byLikelihood: false))
        guard let recentDifference, recentDifference.lower.isFinite else {
            report.reason = "too few recent held-out rows to judge"
            return report
        }
        guard old.count >= leastOldRows, let oldDifference else {
            report.reason = "too few old rows: \(old.count) of \(leastOldRows)"
            return report
        }
        let unit = comparesText ? "nats a token" : "points"
        let scale = comparesText ? 1.0 : 100.0
        if recentDifference.lower <= 0 {
            report.reason =
                "on recent rows the gain is \(Self.text(recentDifference.estimate)) nats a token, its bound \(Self.text(recentDifference.lower)) not above zero"
        } else if oldDifference.lower < -margin {
            report.reason =
                "on old rows it may lose \(Self.text(-oldDifference.lower * scale)) \(unit), more than the margin of \(Self.text(margin * scale))"
        } else if let goldenDifference, goldenDifference.lower < -margin {
            report.reason =
                "on the golden set it may lose \(Self.text(-goldenDifference.lower * scale)) \(unit), more than the margin of \(Self.text(margin * scale))"
        } else {
            report.passed = true
            report.reason =
                "on recent rows it gains \(Self.text(recentDifference.estimate)) nats a token (at least \(Self.text(recentDifference.lower))), on old rows it loses at most \(Self.text(max(0, -oldDifference.lower * scale))) \(unit)"
        }
        return report
    }

    private static func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000 + 0)" }

    /// Ratio estimate Σ w d ÷ Σ w over rows with a bootstrap over units; nil with fewer than five units.
    private func difference(_ rows: [Row], byLikelihood: Bool) -> Difference? {
        struct Sums {
            var difference = 0.0
            var incumbent = 0.0
            var candidate = 0.0
            var weight = 0.0
        }
        var byUnit: [String: Sums] = [:]
        for row in rows {
            let weight = row.weight
            let size = byLikelihood ? Double(max(1, row.tokens)) : 1
            let incumbent = byLikelihood ? row.incumbent : row.incumbentIsRight ? 1 : 0
            let candidate = byLikelihood ? row.candidate : row.candidateIsRight ? 1 : 0
            byUnit[row.unit, default: Sums()].difference += weight * (candidate - incumbent)
            byUnit[row.unit, default: Sums()].incumbent += weight * incumbent
            byUnit[row.unit, default: Sums()].candidate += weight * candidate
            byUnit[row.unit, default: Sums()].weight += weight * size
        }
        let units = byUnit.sorted { $0.key < $1.key }.map(\.value)
        let clusters = units.map { ClusterBootstrap.Cluster(numerator: $0.difference, denominator: $0.weight) }
        guard units.count >= 5, let bootstrap = ClusterBootstrap(clusters, seed: seed) else { return nil }
        let total = units.reduce(0) { $0 + $1.weight }
        return Difference(
            rows: rows.count, units: units.count, estimate: bootstrap.estimate,
            lower: bootstrap.lower(confidence: 0.95), upper: bootstrap.upper(confidence: 0.95),
            incumbent: units.reduce(0) { $0 + $1.incumbent } / total,
            candidate: units.reduce(0) { $0 + $1.candidate } / total)
    }
}
