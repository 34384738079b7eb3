import API
import ArgumentParser

struct ExperimentPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "How long an experiment would take at this deployment's traffic.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions

    func run() async throws {
        let path = try await choice.path(connection.client())
        try await connection.show(PlanView.self, at: "\(path)/plan", render: Screen.plan)
    }
}
