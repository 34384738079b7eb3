import API
import ArgumentParser

/// Which deployment is meant.
struct DeploymentOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The deployment; by default the only one.")
    var deployment: String?

    /// `/v1/deployments/NAME`.
    func path(_ client: ControlClient) async throws -> String {
        "/v1/deployments/" + ControlClient.escaped(try await name(client))
    }

    /// The cycle under way, or the last one.
    func latestCycle(_ client: ControlClient) async throws -> String {
        let cycles = try await client.decoded(CycleList.self, try await path(client) + "/cycles").cycles
        guard let last = cycles.max(by: { $0.started < $1.started }) else {
            throw ControlFailure(.notFound, "there has been no cycle yet")
        }
        return last.id
    }

    func name(_ client: ControlClient) async throws -> String {
        if let deployment { return deployment }
        let names = try await client.decoded(DeploymentList.self, "/v1/deployments").deployments.map(\.name)
        guard let only = names.first else {
            throw ControlFailure(.notFound, "the daemon has no deployment; add one to its configuration and reload it")
        }
        guard names.count == 1 else {
            throw ControlFailure(
                .usage, "name one of the deployments with --deployment: \(names.joined(separator: ", "))")
        }
        return only
    }
}
