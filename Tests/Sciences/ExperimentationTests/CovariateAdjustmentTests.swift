import Experimentation
import Statistics
import Testing

@Suite("Experiment adjustment by earlier ratings")
struct CovariateAdjustmentTests {
    private struct Unit {
        var totals = UnitTotals()
        var earlier = EarlierRatings()
        var isCandidate: Bool
    }

    /// Units of both arms with 1 to 5 ratings, and up to 20 earlier ones where `history`.
    private func units(_ count: Int, effect: Double, history: Bool, _ generator: inout SeededGenerator) -> [Unit] {
        (0..<count).map { _ in
            let trait = generator.beta(0.7 * 2, 0.3 * 2)
            var unit = Unit(isCandidate: generator.chance(0.5))
            if history {
                unit.earlier.ratings = generator.index(below: 21)
                for _ in 0..<unit.earlier.ratings where generator.chance(trait) { unit.earlier.scores += 1 }
            }
            let share = trait + (unit.isCandidate ? effect * (1 - trait) / 0.3 : 0)
            for _ in 0...generator.index(below: 5) { unit.totals.add(generator.chance(share) ? 1 : 0) }
            return unit
        }
    }

    private func sequence(_ units: [Unit]) -> ConfidenceSequence? {
        var arms = [ArmSummary(), ArmSummary()]
        for unit in units {
            arms[unit.isCandidate ? 1 : 0].replace(
                UnitTotals(), by: unit.totals, knowing: Covariates(earlier: unit.earlier))
        }
        return ConfidenceSequence.difference(arms[1], arms[0], alpha: 0.05, tuning: 1000)
    }

    /// Least squares written out: residuals of the units on those of the covariates, solved by the normal equations.
    @Test("The sums give what least squares on the units gives")
    func againstLeastSquares() throws {
        var generator = SeededGenerator(seed: 3)
        let units = units(400, effect: 0.05, history: true, &generator)
        struct Residual {
            var u: Double
            var w: [Double]
        }
        func arm(_ isCandidate: Bool) -> (mean: Double, z: [Double], residuals: [Residual], count: Double) {
            let own = units.filter { $0.isCandidate == isCandidate }
            let n = own.reduce(0) { $0 + Double($1.totals.ratings) }
            let mean = own.reduce(0) { $0 + $1.totals.sum } / n
            func z(_ unit: Unit) -> [Double] { [unit.earlier.covariates.mean, unit.earlier.covariates.weight] }
            let common = (0..<2).map { k in own.reduce(0) { $0 + Double($1.totals.ratings) * z($1)[k] } / n }
            let residuals = own.map { unit in
                let count = Double(unit.totals.ratings)
                return Residual(
                    u: unit.totals.sum - mean * count, w: (0..<2).map { count * (z(unit)[$0] - common[$0]) })
            }
            return (mean, common, residuals, n)
        }
        let (candidate, control) = (arm(true), arm(false))
        let all = candidate.residuals + control.residuals
        func sum(_ value: (Residual) -> Double) -> Double { all.reduce(0) { $0 + value($1) } }
        let (a, b, d) = (sum { $0.w[0] * $0.w[0] }, sum { $0.w[0] * $0.w[1] }, sum { $0.w[1] * $0.w[1] })
        let (x, y) = (sum { $0.w[0] * $0.u }, sum { $0.w[1] * $0.u })
        let theta = [(d * x - b * y) / (a * d - b * b), (a * y - b * x) / (a * d - b * b)]
        let expected =
            candidate.mean - control.mean - theta[0] * (candidate.z[0] - control.z[0])
            - theta[1] * (candidate.z[1] - control.z[1])
        var squaredError = 0.0
        for arm in [candidate, control] {
            let rest = arm.residuals.map { $0.u - theta[0] * $0.w[0] - theta[1] * $0.w[1] }
            let units = Double(rest.count)
            squaredError += units / (units - 2) * rest.reduce(0) { $0 + $1 * $1 } / (arm.count * arm.count)
        }
        let found = try #require(sequence(units))
        // The ridge of a millionth moves θ by about as much.
        #expect(abs(found.difference - expected) < 1e-6)
        #expect(abs(found.standardError - squaredError.squareRoot()) < 1e-6)
        // Its own reliability bounds what history can explain: from 0.5 to 0.8 of the variance is left here.
        let kept = try #require(found.varianceKept)
        #expect(kept > 0.4 && kept < 0.9, "\(kept)")
    }

    @Test("Where nobody has rated before, or all alike, nothing changes")
    func nothingToAdjustBy() throws {
        var generator = SeededGenerator(seed: 4)
        let plain = units(200, effect: 0, history: false, &generator)
        let without = try #require(sequence(plain))
        #expect(without.varianceKept == nil)
        var alike = plain
        for index in alike.indices { alike[index].earlier = EarlierRatings(ratings: 4, scores: 3) }
        let with = try #require(sequence(alike))
        #expect(abs(with.difference - without.difference) < 1e-9)
    }

    @Test("The truth is missed at some look no more often than α, with and without an effect", arguments: [0.0, 0.05])
    func coverage(effect: Double) {
        let runs = 300
        var missed = 0
        for run in 0..<runs {
            var generator = SeededGenerator.stream(seed: 11, index: UInt64(run))
            let units = units(1500, effect: effect, history: true, &generator)
            var arms = [ArmSummary(), ArmSummary()]
            var isMissed = false
            for unit in units {
                arms[unit.isCandidate ? 1 : 0].replace(
                    UnitTotals(), by: unit.totals, knowing: Covariates(earlier: unit.earlier))
                guard min(arms[0].ratedUnits, arms[1].ratedUnits) >= 50,
                    let sequence = ConfidenceSequence.difference(arms[1], arms[0], alpha: 0.05, tuning: 1000)
                else { continue }
                if sequence.lower > effect || sequence.upper < effect { isMissed = true }
            }
            if isMissed { missed += 1 }
        }
        #expect(BinomialBounds.lower(successes: missed, trials: runs, confidence: 0.999) <= 0.05, "\(missed)")
    }
}
