import Experimentation
import Statistics

/// A/A: nothing differs, somebody looks after every rating.
struct NoDifference {
    struct Result: Sendable {
        var isPromoted = false
        var isMissed = false
        var isNaivelyPromoted = false
        var isStoppedByRatio = false
    }

    static let laws: [ScoreLaw] = [
        .share(0.5, likeness: 0), .share(0.5, likeness: 0.2), .share(0.1, likeness: 0.2), .share(0.02, likeness: 0.2),
        .logNormal(sigma: 1.5, likeness: 0.2), .student(likeness: 0.2),
    ]
    static let most = 50

    let units: Int
    let alpha = 0.05
    let burnIn = 50
    let tuning = 1000.0

    func play(_ law: ScoreLaw, seed: UInt64, run: Int) -> Result {
        var stream = RatedUnits(units: units, law: law, most: Self.most, seed: seed, run: run)
        var totals = [UnitTotals](repeating: UnitTotals(), count: units)
        var arms = BothArms()
        var naive = NaiveRules()
        var result = Result()
        for unit in stream.order.map(Int.init) {
            let score = law.score(stream.traits[unit], &stream.generator)
            let old = totals[unit]
            totals[unit].add(score)
            let isCandidate = stream.isCandidate[unit]
            arms.replace(old, by: totals[unit], ofCandidate: isCandidate)
            naive.add(score, toCandidate: isCandidate)
            if naive.ratioStops { result.isStoppedByRatio = true }
            guard arms.leastRated >= burnIn else { continue }
            if naive.testsBetter { result.isNaivelyPromoted = true }
            guard let sequence = arms.sequence(alpha: alpha, tuning: tuning) else { continue }
            if sequence.lower > 0 { result.isPromoted = true }
            if sequence.lower > 0 || sequence.upper < 0 { result.isMissed = true }
        }
        return result
    }

    func table(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "A/A, \(runs) runs of \(units) units with 1 to \(Self.most) ratings, a look after every rating, α = \(alpha) two-sided, burn-in \(burnIn) units an arm",
            columns: [
                "ratings", "promoted (95 % interval)", "truth outside at some look", "z-test at every look",
                "TensorZero's rule",
            ])
        for law in Self.laws {
            let results = Parallel.map(runs: runs, threads: threads) { play(law, seed: seed, run: $0) }
            table.add(
                law.name, Cells.share(results.count(where: \.isPromoted), of: runs),
                Cells.share(results.count(where: \.isMissed), of: runs),
                Cells.percent(Double(results.count(where: \.isNaivelyPromoted)) / Double(runs)),
                Cells.percent(Double(results.count(where: \.isStoppedByRatio)) / Double(runs)))
        }
        return table
    }
}
