import ArgumentParser
import Foundation

/// `make bench-experiments`: the error rates and the speed of experiments.
struct ExperimentsBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments", abstract: "Error rates and speed of experiments under continuous looking.")

    @Option(help: "Simulated experiments a row; a fifth as many of missing, brigade, zealots, bursts and year.")
    var runs = 1000
    @Option(help: "Seed of the first stream.") var seed: UInt64 = 1
    @Option(help: "Threads.") var threads = 2
    @Option(parsing: .upToNextOption, help: "Which tables; all where none is named.") var tables = Table.allCases
    @Option(help: "Where the tables are written as JSON.") var json = "bench-experiments.json"

    enum Table: String, CaseIterable, ExpressibleByArgument {
        case aa, effect, ramp, missing, brigade, zealots, bursts, year, cost
    }

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs has to be 1 or more") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads has to be 1 to 256") }
    }

    func run() throws {
        let report = BenchmarkReport(
            "experiments", threads: threads, settings: ["runs": "\(runs)", "seed": "\(seed)"])
        if tables.contains(.aa) {
            report.add(NoDifference(units: 5000).table(runs: runs, threads: threads, seed: seed))
        }
        if tables.contains(.effect) {
            report.add(PlantedEffect().table(runs: runs, threads: threads, seed: seed))
        }
        if tables.contains(.ramp) {
            report.add(RampTables.outcomes(runs: runs, threads: threads, seed: seed))
        }
        if tables.contains(.missing) {
            report.add(RampTables.missing(runs: max(1, runs / 5), threads: threads, seed: seed))
        }
        if tables.contains(.brigade) {
            report.add(RampTables.brigade(runs: max(1, runs / 5), threads: threads, seed: seed))
        }
        if tables.contains(.zealots) {
            report.add(RampTables.zealots(runs: max(1, runs / 5), threads: threads, seed: seed))
        }
        if tables.contains(.bursts) {
            report.add(BurstTables.crowds(runs: max(1, runs / 5), threads: threads, seed: seed))
            report.add(BurstTables.cost(runs: max(1, runs / 5), threads: threads, seed: seed))
        }
        if tables.contains(.year) {
            report.add(RampTables.year(runs: max(1, runs / 5), threads: threads, seed: seed))
        }
        if tables.contains(.cost) {
            report.add(try CostOfALook.table(units: [1000, 100_000, 1_000_000], seed: seed))
        }
        try report.write(to: json)
    }
}
