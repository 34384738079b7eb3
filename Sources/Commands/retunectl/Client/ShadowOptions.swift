import API
import ArgumentParser

/// Which shadow replay is meant.
struct ShadowOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var choice: DeploymentOptions
    @Option(help: "The cycle; by default the one under way.")
    var cycle: String?

    /// `/v1/deployments/NAME/shadows/CYCLE`.
    func path(_ client: ControlClient) async throws -> String {
        let deployment = try await choice.path(client)
        guard cycle == nil else { return deployment + "/shadows/" + ControlClient.escaped(cycle ?? "") }
        guard let current = try await client.decoded(DeploymentView.self, deployment).cycle?.id else {
            throw ControlFailure(.notFound, "no cycle is under way; name one that had a replay with --cycle")
        }
        return deployment + "/shadows/" + ControlClient.escaped(current)
    }
}
