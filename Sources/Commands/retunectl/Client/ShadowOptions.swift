import API
import ArgumentParser

/// Which shadow replay is meant.
struct ShadowOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(help: "The cycle; by default the one under way, or the last.")
    var cycle: String?

    /// `/v1/deployments/NAME/shadows/CYCLE`.
    func path(_ client: ControlClient) async throws -> String {
        let wanted = if let cycle { cycle } else { try await choice.latestCycle(client) }
        return try await choice.path(client) + "/shadows/" + ControlClient.escaped(wanted)
    }
}
