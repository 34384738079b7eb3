import ArgumentParser

/// `make bench-…`: each prints a table and writes it as JSON, with the machine and the conditions.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retuned-benchmarks",
        abstract: "Measures retuned side by side with what else one would use.",
        subcommands: [ExperimentsBenchmark.self])
}
