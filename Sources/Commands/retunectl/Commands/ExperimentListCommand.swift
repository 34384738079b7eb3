import API
import ArgumentParser

struct ExperimentListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every experiment.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions

    func run() async throws {
        let path = try await choice.path(connection.client())
        try await connection.show(ExperimentList.self, at: "\(path)/experiments", render: Screen.experiments)
    }
}
