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
    @Flag(help: "Stay with it, show it again whenever it changes, and end when it is decided.")
    var watch = false
    @Option(help: ArgumentHelp("With --watch: seconds between two questions.", valueName: "seconds"))
    var interval = 2.0

    func validate() throws {
        guard interval > 0, interval <= 86_400 else {
            throw ValidationError("--interval has to be above 0 and at most 86400")
        }
    }

    func run() async throws {
        let client = try connection.client()
        let path = try await choice.path(client)
        var shown: [UInt8] = []
        var watched = experiment
        var isGone = false
        while true {
            do {
                let seen = try await frame(client, path, of: watched)
                isGone = false
                watched = watched ?? seen.experiment?.id
                if seen.output != shown {
                    if watch, Output.isTerminal, !connection.json { Output.write("\u{1B}[H\u{1B}[2J") }
                    Output.write(seen.output)
                    shown = seen.output
                }
                guard watch, seen.experiment?.state != .decided else { return }
            } catch let failure as ControlFailure
                where watch && !shown.isEmpty && [.unreachable, .unavailable].contains(failure.exit)
            {
                // The daemon begins anew, say: whoever watches goes on watching.
                if !isGone { Output.complain("\(failure.description); asks again") }
                isGone = true
            }
            try await Task.sleep(for: .seconds(interval))
        }
    }

    /// What is shown at one time.
    private struct Frame {
        var output: [UInt8]
        /// Nil: there is none yet.
        var experiment: ExperimentView?
    }

    private func frame(_ client: ControlClient, _ path: String, of wanted: String?) async throws -> Frame {
        guard let bytes = try await answer(client, path, of: wanted) else {
            guard !connection.json else { return Frame(output: Array("null".utf8)) }
            let deployment = try await client.decoded(DeploymentView.self, path)
            return Frame(output: Array(Screen.noExperiment(deployment).utf8))
        }
        let view = try ControlClient.decode(ExperimentView.self, bytes)
        guard !connection.json else { return Frame(output: bytes, experiment: view) }
        guard view.state == .decided else {
            return Frame(output: Array(Screen.experiment(view).utf8), experiment: view)
        }
        let deployment = try await client.decoded(DeploymentView.self, path)
        return Frame(output: Array(Screen.experiment(view, in: deployment).utf8), experiment: view)
    }

    /// The experiment's JSON; nil where there is none.
    private func answer(_ client: ControlClient, _ path: String, of wanted: String?) async throws -> [UInt8]? {
        if let wanted {
            return try await client.send("GET", "\(path)/experiments/\(ControlClient.escaped(wanted))")
        }
        let list = try await client.decoded(ExperimentList.self, "\(path)/experiments")
        guard let chosen = Screen.currentExperiment(list.experiments) else { return nil }
        return try await client.send("GET", "\(path)/experiments/\(ControlClient.escaped(chosen.id))")
    }
}
