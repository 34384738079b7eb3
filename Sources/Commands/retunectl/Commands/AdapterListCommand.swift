import API
import ArgumentParser

struct AdapterListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every adapter.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions

    func run() async throws {
        let path = try await choice.path(connection.client())
        try await connection.show(AdapterList.self, at: "\(path)/adapters", render: Screen.adapters)
    }
}
