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
        let deployment = try await choice.path(client)
        var wanted = cycle
        if wanted == nil { wanted = try await latest(deployment, client) }
        let path = deployment + "/cycles/" + ControlClient.escaped(wanted ?? "")
        if dossier {
            Output.write(try await client.send("GET", "\(path)/dossier"))
        } else {
            try connection.show(CycleView.self, try await client.send("GET", path), render: Screen.cycle)
        }
    }

    private func latest(_ deployment: String, _ client: ControlClient) async throws -> String {
        let cycles = try await client.decoded(CycleList.self, deployment + "/cycles").cycles
        guard let last = cycles.max(by: { $0.started < $1.started }) else {
            throw ControlFailure(.notFound, "there has been no cycle yet")
        }
        return last.id
    }
}
