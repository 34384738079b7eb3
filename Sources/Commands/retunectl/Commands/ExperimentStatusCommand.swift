import API
import ArgumentParser
import Values

struct ExperimentStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Arms, difference, guardrails, ramp, the decision so far and why, and what happens next.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(help: "The experiment; by default the one that runs, else the latest.")
    var experiment: String?
    @Flag(help: "Show it again whenever it changes, until it is decided.")
    var watch = false
    @Option(help: ArgumentHelp("With --watch: seconds between two questions.", valueName: "seconds"))
    var interval = 2.0

    func validate() throws {
        guard interval > 0 else { throw ValidationError("--interval has to be above 0") }
    }

    func run() async throws {
        let client = try connection.client()
        let path = try await choice.path(client)
        var shown: [UInt8] = []
        var isGone = false
        while true {
            let answer: [UInt8]?
            do {
                answer = try await current(client, path)
                isGone = false
            } catch let failure as ControlFailure
                where watch && !shown.isEmpty && [.unreachable, .unavailable].contains(failure.exit)
            {
                // The daemon begins anew, say: whoever watches goes on watching.
                if !isGone { Output.complain("\(failure.description); asks again") }
                isGone = true
                try await Task.sleep(for: .seconds(interval))
                continue
            }
            guard let bytes = answer else {
                let deployment = try await client.decoded(DeploymentView.self, path)
                if connection.json { Output.write("null") } else { Output.write(Screen.noExperiment(deployment)) }
                guard watch else { return }
                try await Task.sleep(for: .seconds(interval))
                continue
            }
            let view = try ControlClient.decode(ExperimentView.self, bytes)
            if bytes != shown {
                if watch, Output.isTerminal, !connection.json { Output.write("\u{1B}[H\u{1B}[2J") }
                try connection.show(ExperimentView.self, bytes, render: Screen.experiment)
                shown = bytes
            }
            guard watch, view.state != .decided else { return }
            try await Task.sleep(for: .seconds(interval))
        }
    }

    /// The experiment's JSON; nil where there is none.
    private func current(_ client: ControlClient, _ path: String) async throws -> [UInt8]? {
        if let experiment {
            return try await client.send("GET", "\(path)/experiments/\(ControlClient.escaped(experiment))")
        }
        let list = try await client.decoded(ExperimentList.self, "\(path)/experiments")
        guard let chosen = Screen.currentExperiment(list.experiments) else { return nil }
        return try await client.send("GET", "\(path)/experiments/\(ControlClient.escaped(chosen.id))")
    }
}
