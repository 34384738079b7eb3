import Experimentation
import Glibc
import Statistics
import Testing

@Suite("Experiment adjustment by how difficult the first query is")
struct ExperimentDifficultyTests {
    private struct Unit {
        var totals = UnitTotals()
        var known = Covariates()
        var isCandidate: Bool
    }

    /// Units with 1 to 5 ratings that are worse the more difficult the first query is; of some there is no figure.
    private func units(_ count: Int, effect: Double, _ generator: inout SeededGenerator) -> [Unit] {
        (0..<count).map { _ in
            let difficulty = generator.uniform() * 2
            var unit = Unit(isCandidate: generator.chance(0.5))
            unit.known.difficulty = generator.chance(0.1) ? .none : .nats(0.5 + difficulty)
            unit.known.earlier.ratings = generator.index(below: 4)
            for _ in 0..<unit.known.earlier.ratings where generator.chance(0.7) { unit.known.earlier.scores += 1 }
            let share = 0.95 - 0.25 * difficulty + (unit.isCandidate ? effect : 0)
            for _ in 0...generator.index(below: 5) { unit.totals.add(generator.chance(share) ? 1 : 0) }
            return unit
        }
    }

    private func sequence(_ units: [Unit], difficulty: Bool) -> ConfidenceSequence? {
        var arms = [ArmSummary(), ArmSummary()]
        for unit in units {
            arms[unit.isCandidate ? 1 : 0].replace(UnitTotals(), by: unit.totals, knowing: unit.known)
        }
        return ConfidenceSequence.difference(
            arms[1], arms[0], alpha: 0.05, tuning: 1000, difficulty: difficulty)
    }

    /// Least squares on the units by gradient descent's fixed point: at θ no direction lowers the sum of squares, and the
    /// figures are those of the residuals.
    @Test("The sums give what least squares on the units gives, with four covariates")
    func againstLeastSquares() throws {
        var generator = SeededGenerator(seed: 8)
        let units = units(600, effect: 0.04, &generator)
        func z(_ unit: Unit) -> [Double] {
            let before = unit.known.earlier.covariates
            guard case .nats(let nats) = unit.known.difficulty else { return [before.mean, before.weight, 0, 0] }
            return [before.mean, before.weight, nats, 1]
        }
        func arm(_ isCandidate: Bool) -> (mean: Double, z: [Double], u: [Double], w: [[Double]], n: Double) {
            let own = units.filter { $0.isCandidate == isCandidate }
            let n = own.reduce(0) { $0 + Double($1.totals.ratings) }
            let mean = own.reduce(0) { $0 + $1.totals.sum } / n
            let common = (0..<4).map { k in own.reduce(0) { $0 + Double($1.totals.ratings) * z($1)[k] } / n }
            return (
                mean, common, own.map { $0.totals.sum - mean * Double($0.totals.ratings) },
                own.map { unit in (0..<4).map { Double(unit.totals.ratings) * (z(unit)[$0] - common[$0]) } }, n
            )
        }
        let (candidate, control) = (arm(true), arm(false))
        let (u, w) = (candidate.u + control.u, candidate.w + control.w)
        var theta = [0.0, 0, 0, 0]
        // Coordinate descent, to the last digits.
        for _ in 0..<20_000 {
            for k in 0..<4 {
                var (top, bottom) = (0.0, 0.0)
                for (u, w) in zip(u, w) {
                    let others = (0..<4).reduce(0) { $0 + ($1 == k ? 0 : theta[$1] * w[$1]) }
                    top += w[k] * (u - others)
                    bottom += w[k] * w[k]
                }
                theta[k] = top / bottom
            }
        }
        func adjusted(_ k: Int) -> Double { theta[k] * (candidate.z[k] - control.z[k]) }
        let expected = candidate.mean - control.mean - (0..<4).reduce(0) { $0 + adjusted($1) }
        var squaredError = 0.0
        for arm in [candidate, control] {
            let rest = zip(arm.u, arm.w).map { u, w in u - (0..<4).reduce(0) { $0 + theta[$1] * w[$1] } }
            let count = Double(rest.count)
            squaredError += count / (count - 3) * rest.reduce(0) { $0 + $1 * $1 } / (arm.n * arm.n)
        }
        let found = try #require(sequence(units, difficulty: true))
        // The ridge of a millionth moves θ by about as much.
        #expect(abs(found.difference - expected) < 1e-5)
        #expect(abs(found.standardError - squaredError.squareRoot()) < 1e-5)
        let (kept, without) = (
            try #require(found.varianceKept), try #require(sequence(units, difficulty: false)?.varianceKept)
        )
        #expect(kept < 0.9 && without > 0.95, "\(kept), \(without)")
    }

    @Test(
        "Queries that are all alike, or without a figure, explain nothing; one unit that was not asked, and none is taken"
    )
    func nothingToAdjustBy() throws {
        var generator = SeededGenerator(seed: 9)
        var units = units(300, effect: 0, &generator)
        let plain = try #require(sequence(units, difficulty: false))
        for known in [Covariates.Difficulty.none, .nats(1.25)] {
            for index in units.indices { units[index].known.difficulty = known }
            let with = try #require(sequence(units, difficulty: true))
            #expect(abs(with.difference - plain.difference) < 1e-9)
            // One degree of freedom of some 150.
            #expect(abs(with.standardError / plain.standardError - 1) < 0.01)
        }
        let design = ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 1, leastStepUnits: 1, longestSeconds: 1e6,
            minimumEffect: 0.02, burnInUnits: 2, tuning: 1000, latencyRatio: 2, errorMargin: 0.1, asksDifficulty: true)
        var data = ExperimentData(design: design)
        var experiment = Experiment(design: design)
        var number: Int64 = 0
        func arm(_ unit: Int) -> ExperimentData.Arm { unit % 2 == 0 ? .incumbent : .candidate }
        func rate(_ unit: Int) {
            number += 1
            data.rate(
                ExperimentData.Rating(
                    unit: "u\(unit)", arm: arm(unit), rater: "u\(unit)", interaction: number,
                    score: Double(unit % 3 / 2), time: number, sequence: number, receivedSeconds: 1))
        }
        func look() -> Look {
            experiment.look(elapsedSeconds: 2, incumbent: data.incumbent, candidate: data.candidate)
        }
        for unit in 0..<60 {
            data.enrol(unit: "u\(unit)", in: arm(unit))
            if unit < 40 { rate(unit) }
            if unit < 39 { data.know(.nats(Double(unit % 3)), ofFirstQueryOf: "u\(unit)", in: arm(unit)) }
        }
        let early = look()
        #expect(early.usesDifficulty == false && early.varianceKept == nil)
        #expect(data.candidate.unaskedUnits == 1 && data.incumbent.unaskedUnits == 0)
        data.know(.none, ofFirstQueryOf: "u39", in: arm(39))
        let late = look()
        #expect(late.usesDifficulty == true && (late.varianceKept ?? 1) < 0.9)
        // Who is left out is not waited for; who was asked before they rated is not either.
        rate(50)
        #expect(look().usesDifficulty == false)
        data.leaveOut(unit: "u50", of: arm(50))
        #expect(look().usesDifficulty == true)
        data.know(.nats(1), ofFirstQueryOf: "u51", in: arm(51))
        rate(51)
        #expect(look().usesDifficulty == true)
    }

    /// Ratings come one by one; the server is away at some looks, whatever the ratings say, so that these are taken without.
    @Test(
        "The truth is missed at some look no more often than α, also where some looks are taken without",
        arguments: [0.0, 0.04], [1.0, 0.5])
    func coverage(effect: Double, available: Double) {
        let runs = 300
        var missed = 0
        for run in 0..<runs {
            var generator = SeededGenerator.stream(seed: 21, index: UInt64(run))
            let units = units(1200, effect: effect, &generator)
            var arms = [ArmSummary(), ArmSummary()]
            var isMissed = false
            for unit in units {
                arms[unit.isCandidate ? 1 : 0].replace(UnitTotals(), by: unit.totals, knowing: unit.known)
                guard min(arms[0].ratedUnits, arms[1].ratedUnits) >= 50,
                    let sequence = ConfidenceSequence.difference(
                        arms[1], arms[0], alpha: 0.05, tuning: 1000, difficulty: generator.chance(available))
                else { continue }
                if sequence.lower > effect || sequence.upper < effect { isMissed = true }
            }
            if isMissed { missed += 1 }
        }
        #expect(BinomialBounds.lower(successes: missed, trials: runs, confidence: 0.999) <= 0.05, "\(missed)")
    }
}
