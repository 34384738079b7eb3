import Experimentation
import Glibc
import Statistics

/// +0.05 on 0.70, one rating a unit, half of the units in each arm: units until it is shown, against a test of a fixed
/// size that knew the effect beforehand.
struct PlantedEffect {
    let base = 0.7
    let effect = 0.05
    let alpha = 0.05
    let power = 0.8
    private static let history = 50

    /// What is known of a unit beside its rating: nothing, its mean over many earlier ratings, or how difficult its query is; and
    /// the correlation of that with the rating.
    private enum Known {
        case nothing
        case history(Double)
        case difficulty(Double)

        var correlation: Double {
            switch self {
            case .nothing: 0
            case .history(let correlation), .difficulty(let correlation): correlation
            }
        }
    }

    /// Units in both arms that a z-test of a fixed size needs, two-sided at `alpha` (or one-sided).
    func fixedUnits(isTwoSided: Bool) -> Double {
        let variance = base * (1 - base) + (base + effect) * (1 - base - effect)
        let quantile =
            NormalDistribution.quantile(1 - (isTwoSided ? alpha / 2 : alpha)) + NormalDistribution.quantile(power)
        return 2 * variance * quantile * quantile / (effect * effect)
    }

    /// Units in both arms at which the lower end first lies above 0; nil where it does not within `most`.
    private func units(
        isTwoSided: Bool, tuning: Double, known: Known = .nothing, most: Int, seed: UInt64, run: Int
    ) -> Int? {
        var generator = SeededGenerator.stream(seed: seed, index: UInt64(run))
        let law = ScoreLaw.share(base, likeness: known.correlation * known.correlation)
        var usesDifficulty = false
        if case .difficulty = known { usesDifficulty = true }
        var arms = BothArms()
        for number in 1...most {
            let isCandidate = generator.chance(0.5)
            let trait = law.trait(&generator, effect: 0)
            var covariates = Covariates()
            switch known {
            case .nothing: break
            case .history:
                covariates.earlier.ratings = Self.history
                for _ in 0..<Self.history where generator.chance(trait) { covariates.earlier.scores += 1 }
            case .difficulty: covariates.difficulty = .nats(1 - trait)
            }
            // The effect is larger where there is more to gain, and `effect` in the mean.
            let share = trait + (isCandidate ? effect * (1 - trait) / (1 - base) : 0)
            var totals = UnitTotals()
            totals.add(generator.chance(share) ? 1 : 0)
            arms.replace(UnitTotals(), by: totals, ofCandidate: isCandidate, knowing: covariates)
            guard arms.leastRated >= 50 else { continue }
            let sequence = arms.sequence(
                alpha: isTwoSided ? alpha : 2 * alpha, tuning: tuning, difficulty: usesDifficulty)
            if let sequence, sequence.lower > 0 { return number }
        }
        return nil
    }

    func table(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "+\(effect) on \(base), one rating a unit, both arms equal, \(runs) runs: units in both arms until the decision",
            columns: [
                "sides, narrowest at", "median units", "fixed size, \(Int(power * 100)) % power", "ratio of the median",
                "shown by the fixed size", "shown by four times the fixed size",
            ])
        for isTwoSided in [true, false] {
            let fixed = fixedUnits(isTwoSided: isTwoSided)
            for tuning in [1000, (fixed / 2).rounded(), fixed.rounded()] {
                let most = Int(4 * fixed)
                let needed = Parallel.map(runs: runs, threads: threads) {
                    units(isTwoSided: isTwoSided, tuning: tuning, most: most, seed: seed, run: $0)
                }
                let median = Cells.median(needed)
                table.add(
                    "\(isTwoSided ? "two" : "one"), \(Int(tuning))", median.map { "\($0)" } ?? "not reached",
                    "\(Int(fixed.rounded(.up)))", median.map { Cells.number(Double($0) / fixed) } ?? "–",
                    Cells.percent(Double(needed.count { ($0 ?? .max) <= Int(fixed) }) / Double(runs)),
                    Cells.percent(Double(needed.count { $0 != nil }) / Double(runs)))
            }
        }
        let fixed = fixedUnits(isTwoSided: true)
        for (what, known) in [
            ("\(Self.history) earlier ratings a unit (ρ = 0.6)", Known.history(0.6)),
            ("the query's difficulty (ρ = 0.45)", .difficulty(0.45)),
        ] {
            let adjusted = Parallel.map(runs: runs, threads: threads) {
                units(isTwoSided: true, tuning: 1000, known: known, most: Int(4 * fixed), seed: seed, run: $0)
            }
            let median = Cells.median(adjusted)
            table.add(
                "two, 1000, with \(what)", median.map { "\($0)" } ?? "not reached", "\(Int(fixed.rounded(.up)))",
                median.map { Cells.number(Double($0) / fixed) } ?? "–",
                Cells.percent(Double(adjusted.count { ($0 ?? .max) <= Int(fixed) }) / Double(runs)),
                Cells.percent(Double(adjusted.count { $0 != nil }) / Double(runs)))
        }
        return table
    }
}
