import Statistics
import Testing

@Suite("Moments, bounds and ranks")
struct MomentsTests {
    @Test("Parts merge into the moments of the whole, without cancellation")
    func merging() {
        var generator = SeededGenerator(seed: 3)
        // A mean of 1e9 beside a spread of 1: sums of squares would lose every digit.
        let pairs = (0..<1000).map { _ in (1e9 + generator.normal(), generator.normal()) }
        var whole = CoMoments()
        var parts = [CoMoments(), CoMoments(), CoMoments()]
        for (index, pair) in pairs.enumerated() {
            whole.add(pair.0, pair.1)
            parts[index % 3].add(pair.0, pair.1)
        }
        var merged = CoMoments()
        for part in parts { merged.merge(part) }
        #expect(merged.count == 1000)
        #expect(abs(merged.x.mean - whole.x.mean) < 1e-6)
        #expect(abs(merged.x.variance! / whole.x.variance! - 1) < 1e-6)
        #expect(abs(whole.x.variance! - 1) < 0.2)
        #expect(abs(merged.covariance! - whole.covariance!) < 1e-6)
    }

    @Test("Quantiles interpolate as NumPy does, and the sketch stays within one percent")
    func quantiles() throws {
        #expect(Quantiles.quantile(0.25, of: [4, 1, 3, 2]) == 1.75)
        #expect(Quantiles.median([5, 1, 2]) == 2)
        var generator = SeededGenerator(seed: 9)
        let values = (0..<20_000).map { _ in 100 * generator.gamma(shape: 2) }
        var sketch = QuantileSketch()
        var halves = [QuantileSketch(), QuantileSketch()]
        for (index, value) in values.enumerated() {
            sketch.add(value)
            halves[index % 2].add(value)
        }
        halves[0].merge(halves[1])
        #expect(halves[0] == sketch)
        for probability in [0.01, 0.5, 0.95, 0.999] {
            let exact = Quantiles.quantile(probability, of: values)
            let sketched = try #require(sketch.quantile(probability))
            // One percent from the grid, and half a percent for the space between neighbouring values.
            #expect(abs(sketched / exact - 1) < 0.015)
        }
    }

    @Test("Spearman's correlation with a tie, as SciPy's")
    func spearman() throws {
        let value = try #require(RankCorrelation.spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 3, 9]))
        #expect(abs(value - 0.753702346348183) < 1e-14)
        #expect(RankCorrelation.spearman([1, 1], [1, 2]) == nil)
    }

    @Test("The bootstrap's one-sided bound covers nearly as stated, with rows of a unit alike")
    func bootstrapCoverage() throws {
        // 60 units of 1 to 6 rows that share a unit's effect; the true ratio is 0.1.
        var covered = 0
        let runs = 300
        for run in 0..<runs {
            var generator = SeededGenerator.stream(seed: 11, index: UInt64(run))
            let clusters = (0..<60).map { _ in
                let rows = 1 + generator.index(below: 6)
                let effect = 0.1 + 0.5 * generator.normal()
                let noise = 0.3 * Double(rows).squareRoot() * generator.normal()
                return ClusterBootstrap.Cluster(
                    numerator: effect * Double(rows) + noise, denominator: Double(rows))
            }
            let bootstrap = try #require(ClusterBootstrap(clusters, replicates: 400, seed: UInt64(run)))
            if bootstrap.lower(confidence: 0.95) <= 0.1 { covered += 1 }
        }
        // Percentile bounds lose a point or two at 60 units; below 0.90 would be a fault.
        #expect(BinomialBounds.upper(successes: covered, trials: runs, confidence: 0.999) > 0.95)
        #expect(Double(covered) / Double(runs) > 0.9)
    }
}
