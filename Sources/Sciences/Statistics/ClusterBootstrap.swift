/// Bootstrap of a ratio of sums over clusters (units): clusters are drawn with replacement, all their rows together, since
/// rows of one unit are not independent (Cameron, Gelbach & Miller 2008, pairs cluster bootstrap).
///
/// Paired by construction: a cluster's numerator is the sum of its weighted differences. Percentile bounds; under some
/// twenty clusters they are too narrow (a few points of coverage), which the caller guards by a least number of units.
package struct ClusterBootstrap: Sendable {
    /// One unit's sums over its rows, for example Σ weight · difference over Σ weight.
    package struct Cluster: Equatable, Sendable {
        package var numerator: Double
        package var denominator: Double

        package init(numerator: Double, denominator: Double) {
            self.numerator = numerator
            self.denominator = denominator
        }
    }

    /// Σ numerators ÷ Σ denominators.
    package let estimate: Double
    /// Replicates in rising order.
    package let replicates: [Double]

    /// - Returns: nil without clusters or with a sum of denominators that is not above 0.
    package init?(_ clusters: [Cluster], replicates count: Int = 2000, seed: UInt64) {
        let total = clusters.reduce(0) { $0 + $1.denominator }
        guard total > 0, count > 0 else { return nil }
        estimate = clusters.reduce(0) { $0 + $1.numerator } / total
        var generator = SeededGenerator(seed: seed)
        var values: [Double] = []
        values.reserveCapacity(count)
        while values.count < count {
            var numerator = 0.0
            var denominator = 0.0
            for _ in clusters.indices {
                let cluster = clusters[generator.index(below: clusters.count)]
                numerator += cluster.numerator
                denominator += cluster.denominator
            }
            if denominator > 0 { values.append(numerator / denominator) }
        }
        values.sort()
        replicates = values
    }

    /// One-sided lower bound at the confidence, in (0.5, 1).
    package func lower(confidence: Double) -> Double { Quantiles.quantile(1 - confidence, ofSorted: replicates) }

    /// One-sided upper bound.
    package func upper(confidence: Double) -> Double { Quantiles.quantile(confidence, ofSorted: replicates) }
}
