import API
import ArgumentParser

struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "What the drift detectors see, and what is new in the traffic.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions

    func run() async throws {
        let path = try await choice.path(connection.client())
        try await connection.show(DriftView.self, at: "\(path)/drift", render: Screen.drift)
    }
}
