import API
import ArgumentParser

struct CycleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every cycle.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions

    func run() async throws {
        let path = try await choice.path(connection.client())
        try await connection.show(CycleList.self, at: "\(path)/cycles", render: Screen.cycles)
    }
}
