import Experimentation

/// What the default ramp does: harm, gain, nothing, and ratings that go missing.
enum RampTables {
    static func outcomes(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "The default ramp (5, 25, 50 %, a day each at least, 28 days at most), hourly looks, share 0.7, half a rating a unit and day, alike 0.2, harm α = 0.2, \(runs) runs",
            columns: [
                "units", "effect", "stopped for harm (95 % interval)", "promoted", "no decision or futile",
                "median candidate units at a stop", "of them rated", "median days to promotion",
            ])
        for units in [100, 300, 10_000] {
            for effect in [0, -0.05, -0.15, 0.05] {
                let traffic = RampedTraffic(units: units, effect: effect)
                let results = Parallel.map(runs: runs, threads: threads) { traffic.play(seed: seed, run: $0) }
                let stopped = results.filter { $0.decision == .stopForHarm }
                let promoted = results.filter { $0.decision == .promote }
                table.add(
                    "\(units)", Cells.number(effect), Cells.share(stopped.count, of: runs),
                    Cells.percent(Double(promoted.count) / Double(runs)),
                    Cells.percent(Double(runs - stopped.count - promoted.count) / Double(runs)),
                    stopped.isEmpty ? "–" : Cells.median(stopped.map { $0.candidates }).map { "\($0)" } ?? "–",
                    stopped.isEmpty ? "–" : Cells.median(stopped.map { $0.ratedCandidates }).map { "\($0)" } ?? "–",
                    promoted.isEmpty
                        ? "–"
                        : Cells.median(promoted.map { $0.hours }).map { Cells.number(Double($0) / 24, digits: 1) }
                            ?? "–")
            }
        }
        return table
    }

    /// In the candidate's arm 70 % of the content and 40 % of the discontent rate; in the other a share of all.
    static func missing(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "No difference, but of the candidate's ratings 70 % of the good and 40 % of the bad arrive; 10,000 units through the default ramp, \(runs) runs",
            columns: ["of the incumbent's arrive", "flagged", "promoted"])
        for share in [1.0, 0.7, 0.61] {
            var traffic = RampedTraffic(units: 10_000, effect: 0)
            traffic.responds = { isCandidate, score in isCandidate ? (score > 0.5 ? 0.7 : 0.4) : share }
            let ready = traffic
            let results = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
            table.add(
                Cells.percent(share, digits: 0), Cells.share(results.count(where: \.isHeldForRatio), of: runs),
                Cells.share(results.count { $0.decision == .promote }, of: runs))
        }
        return table
    }

    /// Of 10,000 users a crowd as large as 5 % of them votes one arm down and the other up for six hours. Everybody else does
    /// the same with it and without it, so that a decision that differs is the crowd's.
    static func brigade(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "A crowd of 5 % that votes an arm down and the other up; 10,000 units through the default ramp, \(runs) runs",
            columns: [
                "effect", "against", "the crowd is", "promoted, stopped for harm without it", "with it",
                "decided otherwise (95 % interval)",
            ])
        for (effect, against) in [(0.05, ExperimentData.Arm.candidate), (-0.05, .incumbent), (0, .incumbent)] {
            let clean = RampedTraffic(units: 10_000, effect: effect)
            let without = Parallel.map(runs: runs, threads: threads) { clean.play(seed: seed, run: $0) }
            for (name, isOfKnown, isAside) in [
                ("new, counted", false, false), ("new, set aside", false, true), ("known", true, true),
            ] {
                var traffic = clean
                traffic.brigade = .init(against: against, isOfKnown: isOfKnown)
                traffic.design.setsNewcomersAside = isAside
                let ready = traffic
                let with = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
                table.add(
                    Cells.number(effect), against.rawValue, name, ends(without), ends(with),
                    Cells.share(zip(without, with).count { $0.decision != $1.decision }, of: runs))
            }
        }
        return table
    }

    /// People who rate ten of the candidate's answers a day from begin to end, to others or to themselves, and give all of them
    /// nothing, or the best.
    static func zealots(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "People who rate ten of the candidate's answers a day, and give all of them nothing, or the best; the default ramp, share 0.7, \(runs) runs",
            columns: [
                "units", "ratings a unit and day", "effect", "they vote", "they are",
                "promoted, stopped for harm without them", "with them", "decided otherwise (95 % interval)",
            ])
        for (units, rate, effect, score) in [
            (300, 0.5, 0.0, 0.0), (300, 0.1, 0, 0), (1000, 0.5, 0, 0), (1000, 0.5, 0.05, 0), (10_000, 0.5, 0.05, 0),
            (300, 0.5, 0, 1), (300, 0.1, 0, 1), (1000, 0.5, 0, 1), (1000, 0.1, 0, 1), (1000, 0.5, -0.05, 1),
        ] {
            var clean = RampedTraffic(units: units, effect: effect)
            clean.ratingsPerDay = rate
            let ready = clean
            let without = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
            for (number, areUnits) in [(1, false), (3, false), (3, true)] {
                var traffic = clean
                traffic.zealots = .init(number: number, score: score, areUnits: areUnits)
                let ready = traffic
                let with = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
                table.add(
                    "\(units)", Cells.number(rate), Cells.number(effect), score == 0 ? "down" : "up",
                    areUnits ? "\(number) units" : "\(number) of others' answers", ends(without), ends(with),
                    Cells.share(zip(without, with).count { $0.decision != $1.decision }, of: runs))
            }
        }
        return table
    }

    private static func ends(_ results: [RampedTraffic.Result]) -> String {
        [Look.Decision.promote, .stopForHarm].map { decision in
            Cells.percent(Double(results.count { $0.decision == decision }) / Double(results.count))
        }.joined(separator: ", ")
    }

    /// A cycle every week for a year, each with a candidate that is no better, under the default budget.
    static func year(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "A year of weekly experiments of 1,000 units without a difference, share 0.7, budget of 0.5 false promotions a year, \(runs) years",
            columns: ["error rates", "false promotions a year", "in the worst year", "α of the last experiment"])
        for isBudgeted in [true, false] {
            let years = Parallel.map(runs: runs, threads: threads) { run -> (promoted: Int, alpha: Double) in
                var alphas: [Double] = []
                var promoted = 0
                for week in 0..<52 {
                    var traffic = RampedTraffic(units: 1000, effect: 0)
                    traffic.design.longestSeconds = 7 * 86_400
                    let wanted = traffic.design.alpha
                    traffic.design.alpha =
                        isBudgeted ? PromotionBudget.alpha(wanted: wanted, earlier: alphas, budget: 0.5) : wanted
                    alphas.append(traffic.design.alpha)
                    if traffic.play(seed: seed + UInt64(week) * 1000, run: run).decision == .promote { promoted += 1 }
                }
                return (promoted, alphas.last ?? 0)
            }
            table.add(
                isBudgeted ? "from the budget" : "0.05 each",
                Cells.number(Double(years.reduce(0) { $0 + $1.promoted }) / Double(runs), digits: 3),
                "\(years.map(\.promoted).max() ?? 0)", Cells.number(years.first?.alpha ?? 0, digits: 4))
        }
        return table
    }
}
