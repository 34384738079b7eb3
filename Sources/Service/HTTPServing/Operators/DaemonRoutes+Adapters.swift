import API
import Contracts
import FeedbackLoop
import HTTPListener
import Hummingbird
import Serving
import Store
import Values

extension DaemonRoutes {
    func listAdapters(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        var views: [AdapterView] = []
        for adapter in try await context.store.adapters(deployment: deployment.name) {
            views.append(try await view(of: adapter, in: deployment))
        }
        return try .object(AdapterList(adapters: views))
    }

    func showAdapter(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        return try .object(try await view(of: try await adapter(of: call, in: deployment), in: deployment))
    }

    func showAdapterDossier(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let adapter = try await adapter(of: call, in: deployment)
        guard let id = adapter.cycle, let cycle = try await context.store.cycle(id: id) else {
            throw ListenerProblem.notFound("The adapter \(adapter.name) came with the configuration; no cycle made it.")
        }
        return try .object(try await dossier(of: cycle, in: deployment))
    }

    private func adapter(of call: Call, in deployment: ServedDeployment) async throws -> AdapterRecord {
        let name = try call.parameter("adapter")
        guard let adapter = try await context.store.adapter(name: name), adapter.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no adapter \(name).")
        }
        return adapter
    }

    private func view(of adapter: AdapterRecord, in deployment: ServedDeployment) async throws -> AdapterView {
        let cycle = try await adapter.cycle.asyncMap { try await context.store.cycle(id: $0) } ?? nil
        var modules: [String] = []
        var rank = 0
        if let value = cycle?.details["selection"], value != .null {
            let selection = try StrictJSON.decode(Selection.self, from: value, ignoringUnknownFields: true)
            modules = selection.modules.map(\.name)
            rank = selection.modules.map(\.rank).max() ?? 0
        }
        let state = deployment.loop.view.state
        return AdapterView(
            name: adapter.name, deployment: adapter.deployment, state: Self.state(of: adapter, cycle, in: deployment),
            digest: adapter.digest ?? "", base: adapter.baseDigest ?? "",
            parent: adapter.parent, cycle: adapter.cycle, created: adapter.created,
            promoted: state.serving.adapter == adapter.name
                ? state.serving.since : cycle?.state == "promoted" ? cycle?.ended : nil,
            rank: rank, parameters: adapter.trainedParameters ?? 0, modules: modules,
            tainted: adapter.erasedRecords > 0 ? true : nil,
            metrics: adapter.metrics == .null ? nil : adapter.metrics)
    }

    /// What an adapter is now: by what the loop serves, else by how its cycle ended.
    private static func state(
        of adapter: AdapterRecord, _ cycle: CycleRecord?, in deployment: ServedDeployment
    ) -> AdapterState {
        let state = deployment.loop.view.state
        if adapter.name == state.serving.adapter { return .incumbent }
        if adapter.name == state.holdBack?.adapter { return .holdback }
        if adapter.name == state.cycle?.candidate { return .candidate }
        switch cycle?.state {
        case "rolledBack": return .rolledBack
        case "rejected", "failed": return .rejected
        default: return .retired
        }
    }
}
