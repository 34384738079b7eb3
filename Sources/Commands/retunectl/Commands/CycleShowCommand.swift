import API
import ArgumentParser

struct CycleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One cycle: each step, who made it and why.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Argument(help: "The cycle; by default the one under way, or the last.")
    var cycle: String?
    @Flag(help: "Print its dossier (JSON): everything that its decisions rest on.")
    var dossier = false

    func run() async throws {
        let client = try connection.client()
        let wanted = if let cycle { cycle } else { try await choice.latestCycle(client) }
        let path = try await choice.path(client) + "/cycles/" + ControlClient.escaped(wanted)
        if dossier {
            Output.write(try await client.send("GET", "\(path)/dossier"))
        } else {
            try connection.show(CycleView.self, try await client.send("GET", path), render: Screen.cycle)
        }
    }
}
