import API
import ArgumentParser

struct AdapterShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One adapter: lineage, size, modules and figures.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Argument(help: "The adapter.")
    var adapter: String
    @Flag(help: "Print the dossier (JSON) of the cycle that made it.")
    var dossier = false

    func run() async throws {
        let client = try connection.client()
        let path = try await choice.path(client) + "/adapters/" + ControlClient.escaped(adapter)
        if dossier {
            Output.write(try await client.send("GET", "\(path)/dossier"))
        } else {
            try connection.show(AdapterView.self, try await client.send("GET", path), render: Screen.adapter)
        }
    }
}
