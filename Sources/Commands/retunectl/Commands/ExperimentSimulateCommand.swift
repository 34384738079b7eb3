import API
import ArgumentParser
import Experimentation
import FoundationEssentials
import Values

struct ExperimentSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "What experiments would do on the deployment's own log: error rates, days to a decision.",
        discussion: """
            Plays experiments with planted differences on the requests and ratings of the last 14 days, decided as the \
            daemon decides: 0 tells how often a candidate that is no better is promoted, or stopped for nothing; the \
            others how soon a gain is promoted and a harm is stopped. Nobody is exposed, and nothing changes.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(help: "Experiments for each difference.")
    var runs = 200
    @Option(
        name: .customLong("effect"), parsing: .unconditionalSingleValue,
        help:
            "A difference of the mean score, in [-1, 1]; may be given several times; by default 0, the smallest that counts, 0.05, -0.05, -0.15."
    )
    var effects: [Double] = []
    @Option(
        help:
            "Where a metric is the goal: the share by which the candidate is better in it, in (-1, 1); by default twice the smallest that is worth a promotion."
    )
    var improvement: Double?
    @Option(help: "Another seed draws other experiments.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...100_000).contains(runs) else { throw ValidationError("--runs has to be from 1 to 100000") }
        guard effects.allSatisfy({ (-1...1).contains($0) }) else {
            throw ValidationError("--effect has to be between -1 and 1: a difference of scores in [0, 1]")
        }
        guard improvement.map({ abs($0) < 1 }) ?? true else {
            throw ValidationError("--improvement has to be a share between -1 and 1")
        }
    }

    func run() async throws {
        let client = try connection.client()
        let name = try await choice.name(client)
        let path = "/v1/deployments/\(ControlClient.escaped(name))"
        let plan = try await client.decoded(PlanView.self, "\(path)/plan")
        let rows = try await traffic(client, path)
        let end = rows.map(\.time).max()?.advanced(bySeconds: 1)
        let simulation: ExperimentSimulation
        do {
            guard let end else { throw ExperimentSimulation.Problem.tooLittle }
            simulation = try ExperimentSimulation(rows, until: end, plan: plan)
        } catch let problem as ExperimentSimulation.Problem {
            throw Self.failure(problem, plan)
        }
        let chosen = effects.isEmpty ? Self.effects(plan, mean: simulation.mean) : effects
        if let impossible = chosen.first(where: { !(-simulation.mean...1 - simulation.mean).contains($0) }) {
            throw ControlFailure(
                .usage,
                "a difference of \(Figures.short(impossible)) cannot be planted: the mean score is \(Figures.fixed(simulation.mean)), and scores lie between 0 and 1"
            )
        }
        let improvement = try improvement(plan)
        let experiments = SimulatedExperiments(
            simulation: simulation, runs: runs, seed: seed, threads: ProcessInfo.processInfo.activeProcessorCount,
            improvement: improvement ?? 0)
        var view = SimulationView(
            deployment: name, logDays: plan.logDays, requests: rows.count, units: Set(rows.map(\.unit)).count,
            ratings: rows.reduce(0) { $0 + $1.scores.count }, mean: simulation.mean, returning: simulation.returning,
            longestDays: plan.longestDays, seed: seed, improvement: improvement,
            approvalSteps: plan.design.approvalSteps, rows: [])
        for (number, effect) in chosen.enumerated() {
            if Output.isTerminal {
                Output.complain("\(runs) experiments with a difference of \(Figures.short(effect))…", named: false)
            }
            view.rows.append(experiments.row(effect: effect, effectNumber: number))
        }
        try connection.show(SimulationView.self, StrictJSON.encodeBytes(view), render: Screen.simulation)
    }

    /// Nil where no metric is the goal.
    private func improvement(_ plan: PlanView) throws(ControlFailure) -> Double? {
        guard let goal = plan.goal else {
            guard improvement == nil else {
                throw ControlFailure(.usage, "--improvement is of a metric that is the goal; here the ratings are")
            }
            return nil
        }
        guard goal.measure != "errors" || improvement ?? 0 >= 0 else {
            throw ControlFailure(.usage, "fewer errors can be planted, not more: --improvement has to be 0 or above")
        }
        guard goal.relative || improvement != nil else {
            throw ControlFailure(
                .usage,
                "\(goal.metric) has its smallest improvement as a difference; say with --improvement by which share the candidate shall be better"
            )
        }
        return improvement ?? min(0.9, 2 * goal.minimumEffect)
    }

    private func traffic(_ client: ControlClient, _ path: String) async throws -> [TrafficRow] {
        var rows: [TrafficRow] = []
        while true {
            let page = try await client.send("GET", "\(path)/traffic?after=\(rows.last?.seq ?? 0)&limit=10000")
            let lines = page.split(separator: UInt8(ascii: "\n"))
            for line in lines { rows.append(try ControlClient.decode(TrafficRow.self, Array(line))) }
            guard lines.count == 10_000 else { return rows }
        }
    }

    /// None twice, and none that the mean leaves no room for.
    private static func effects(_ plan: PlanView, mean: Double) -> [Double] {
        var chosen: [Double] = []
        for effect in [0, plan.minimumEffect, 0.05, -0.05, -0.15]
        where !chosen.contains(effect) && effect <= 1 - mean && -effect <= mean {
            chosen.append(effect)
        }
        return chosen
    }

    private static func failure(_ problem: ExperimentSimulation.Problem, _ plan: PlanView) -> ControlFailure {
        switch problem {
        case .tooLittle:
            ControlFailure(.refused, plan.mean == nil ? plan.detail : "two units have to rate, and not all alike")
        case .tooMuch(let most):
            ControlFailure(
                .refused,
                "the log is too large to be played until the longest duration: more than \(Figures.grouped(most)) requests and ratings"
            )
        }
    }
}
