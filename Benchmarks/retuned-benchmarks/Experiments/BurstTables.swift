import Experimentation

/// Crowds of new accounts where most users are new every day.
enum BurstTables {
    /// A crowd as large as 5 % of the users of a day, in six hours and over a day, where newcomers count, and where those who
    /// come in a burst are set aside. Everybody else comes alike with it and without it.
    static func crowds(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title:
                "New accounts, 5 % of a day's users, that vote an arm down and the other up; 10,000 users of whom 60 % are others every day, by day and night, through the default ramp, \(runs) runs",
            columns: [
                "effect", "against", "newcomers", "spread of days", "the crowd comes in",
                "promoted, stopped for harm without it",
                "with it", "decided otherwise (95 % interval)", "others set aside without it, with it",
            ])
        for (effect, against) in [(0.05, ExperimentData.Arm.candidate), (-0.05, .incumbent), (0, .incumbent)] {
            for (isAside, spread) in [(false, 0.05), (true, 0.05), (true, 0.1)] {
                var clean = ChangingTraffic(effect: effect)
                clean.setsBurstsAside = isAside
                clean.dayToDay = spread
                let ready = clean
                let without = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
                for hours in isAside && spread < 0.1 ? [6, 24] : [6] {
                    var crowded = clean
                    crowded.crowd = .init(against: against, hours: hours)
                    let ready = crowded
                    let with = Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
                    table.add(
                        Cells.number(effect), against.rawValue, isAside ? "aside in bursts" : "count",
                        Cells.number(spread), "\(hours) h",
                        ends(without), ends(with),
                        Cells.share(zip(without, with).count { $0.decision != $1.decision }, of: runs),
                        "\(aside(without)), \(aside(with))")
                }
            }
        }
        return table
    }

    /// What it costs where nobody comes in a crowd, and days differ by more and more.
    static func cost(runs: Int, threads: Int, seed: UInt64) -> BenchmarkTable {
        var table = BenchmarkTable(
            title: "The same without a crowd and without a difference, \(runs) runs",
            columns: [
                "spread of days (logarithm)", "newcomers set aside", "runs with a burst",
                "promoted, stopped for harm where newcomers count", "where bursts are set aside",
            ])
        for spread in [0, 0.05, 0.1, 0.2] {
            let results = [false, true].map { isAside in
                var traffic = ChangingTraffic(effect: 0)
                traffic.dayToDay = spread
                traffic.setsBurstsAside = isAside
                let ready = traffic
                return Parallel.map(runs: runs, threads: threads) { ready.play(seed: seed, run: $0) }
            }
            table.add(
                Cells.number(spread), aside(results[1]),
                Cells.share(results[1].count { $0.newcomersInBursts > 0 }, of: runs), ends(results[0]),
                ends(results[1]))
        }
        return table
    }

    private static func ends(_ results: [ChangingTraffic.Result]) -> String {
        [Look.Decision.promote, .stopForHarm].map { decision in
            Cells.percent(Double(results.count { $0.decision == decision }) / Double(results.count))
        }.joined(separator: ", ")
    }

    private static func aside(_ results: [ChangingTraffic.Result]) -> String {
        Cells.percent(
            Double(results.reduce(0) { $0 + $1.newcomersInBursts })
                / Double(max(1, results.reduce(0) { $0 + $1.newcomers })), digits: 2)
    }
}
