import API
import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What serves, since when and why, and what comes next.")

    @OptionGroup var connection: ConnectionOptions
    @Option(name: .shortAndLong, help: "Only this deployment.")
    var deployment: String?

    func run() async throws {
        if let deployment {
            try await connection.show(
                DeploymentView.self, at: "/v1/deployments/\(ControlClient.escaped(deployment))",
                render: Screen.deployment)
        } else {
            try await connection.show(DeploymentList.self, at: "/v1/deployments", render: Screen.deployments)
        }
    }
}
