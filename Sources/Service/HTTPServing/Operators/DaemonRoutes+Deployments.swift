import API
import Contracts
import FeedbackLoop
import HTTPListener
import Hummingbird
import Serving
import Settings
import Store
import Values

extension DaemonRoutes {
    func listDeployments(_ call: Call) async throws -> Response {
        var views: [DeploymentView] = []
        for deployment in context.deployments where call.caller.may(see: deployment.name) {
            views.append(try await view(of: deployment))
        }
        return try .object(DeploymentList(deployments: views))
    }

    func showDeployment(_ call: Call) async throws -> Response {
        try .object(try await view(of: try deployment(of: call)))
    }

    /// The newest map that a cycle made, with the selection made from it.
    func showImpact(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let budget = Int(
            Double(deployment.loop.context.checkpoint?.parameters ?? 0) * deployment.settings.training.parameterBudget)
        var view = ImpactView(
            deployment: deployment.name, units: 0, modules: [], parameterBudget: budget, selectedParameters: 0)
        for cycle in try await context.store.cycles(deployment: deployment.name) {
            let parts = Self.byName(try await context.store.dossier(cycle: cycle.id))
            if view.probe == nil { view.probe = Self.probe(parts, in: deployment) }
            guard let value = parts["map"] ?? parts["probeMap"] else { continue }
            let map = try StrictJSON.decode(ImpactReport.self, from: value, ignoringUnknownFields: true)
            let selection = try (parts["selection"] ?? cycle.details["selection"]).map {
                try StrictJSON.decode(Selection.self, from: $0, ignoringUnknownFields: true)
            }
            let ranks = Dictionary((selection?.modules ?? []).map { ($0.name, $0.rank) }) { first, _ in first }
            view.cycle = cycle.id
            view.measured = try await context.store.transitions(cycle: cycle.id).last {
                $0.from == CycleState.estimating.rawValue
            }?.time
            view.method = map.method
            view.units = map.units
            view.modules = map.modules.map { module in
                ModuleView(
                    name: module.name, score: module.score, standardError: module.standardError,
                    cost: Double(module.cost), rank: ranks[module.name] ?? 0, prior: module.prior,
                    trafficShare: module.trafficShare)
            }
            view.selectedParameters = map.modules.reduce(0) { $0 + $1.cost * (ranks[$1.name] ?? 0) }
            break
        }
        return try .object(view)
    }

    func listCycles(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        var views: [CycleView] = []
        for cycle in try await context.store.cycles(deployment: deployment.name) {
            views.append(try await view(of: cycle, in: deployment))
        }
        return try .object(CycleList(cycles: views))
    }

    func showCycle(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        return try .object(try await view(of: try await cycle(of: call, in: deployment), in: deployment))
    }

    func showDossier(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        return try .object(try await dossier(of: try await cycle(of: call, in: deployment), in: deployment))
    }

    private func cycle(of call: Call, in deployment: ServedDeployment) async throws -> CycleRecord {
        let id = try call.parameter("cycle")
        guard let cycle = try await context.store.cycle(id: id), cycle.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no cycle \(id).")
        }
        return cycle
    }

    func view(of cycle: CycleRecord, in deployment: ServedDeployment) async throws -> CycleView {
        let steps = try await steps(of: cycle)
        let isCurrent = cycle.ended == nil
        return CycleView(
            id: cycle.id, deployment: cycle.deployment, state: CycleState(loopName: cycle.state),
            step: nil, trigger: cycle.trigger, started: cycle.started,
            since: cycle.ended ?? steps.last?.time ?? cycle.started, ended: cycle.ended,
            adapter: cycle.details["candidate"]?.stringValue, experiment: cycle.details["experiment"]?.stringValue,
            reason: cycle.reason.map { reason in cycle.outcome.map { "\($0): \(reason)" } ?? reason },
            next: isCurrent ? deployment.loop.view.next : nil,
            offers: isCurrent ? Self.offers(in: deployment) : nil, steps: steps)
    }

    /// What the cycle under way offers while it waits for a person.
    private static func offers(in deployment: ServedDeployment) -> [OfferView]? {
        guard let cycle = deployment.loop.view.state.cycle, case .awaitingApproval = cycle.stage else { return nil }
        return cycle.offers?.map { OfferView($0, deployment: deployment.name) }
    }

    private func steps(of cycle: CycleRecord) async throws -> [CycleStepView] {
        try await context.store.transitions(cycle: cycle.id).map { step in
            CycleStepView(
                state: CycleState(loopName: step.to), time: step.time, actor: step.actor, reason: step.reason)
        }
    }

    static func byName(_ parts: [DossierPart]) -> [String: JSONValue] {
        Dictionary(parts.map { ($0.name, $0.value) }) { _, last in last }
    }

    static func probe(_ parts: [String: JSONValue], in deployment: ServedDeployment) -> ProbeView? {
        guard let probe = parts["probe"], let captured = probe["captured"]?.doubleValue else { return nil }
        let branch = probe["branch"]?.stringValue ?? ""
        return ProbeView(
            capturedImpact: captured,
            interval: [probe["lower"]?.doubleValue ?? captured, probe["upper"]?.doubleValue ?? captured],
            threshold: deployment.settings.cycle.staleBelow, stale: branch == "reselect",
            branch: branch == "reselect" ? "reselect" : "retrain", detail: probe["reason"]?.stringValue ?? "")
    }

    /// Everything that is kept of a cycle, put together.
    func dossier(of cycle: CycleRecord, in deployment: ServedDeployment) async throws -> Dossier {
        let parts = Self.byName(try await context.store.dossier(cycle: cycle.id))
        var training: [TrainingRow] = []
        var erased = 0
        if let name = cycle.details["candidate"]?.stringValue {
            training = try await context.store.lineage(adapter: name).compactMap { row in
                guard let set = TrainingSet(rawValue: row.set.rawValue) else { return nil }
                return TrainingRow(
                    record: row.record, interaction: row.interaction, rating: row.rating, set: set, weight: row.weight)
            }
            erased = try await context.store.adapter(name: name)?.erasedRecords ?? 0
        }
        var experiment: ExperimentView?
        if let id = cycle.details["experiment"]?.stringValue, let record = try await context.store.experiment(id: id) {
            experiment = try await view(of: record, in: deployment)
        }
        let jobs = try await context.store.jobs(deployment: cycle.deployment, cycle: cycle.id)
        let episode = try parts["alarm"].map { try StrictJSON.decode(DriftEpisode.self, from: $0) }
        let window = try parts["window"].map { try StrictJSON.decode(DataWindow.self, from: $0) }
        return Dossier(
            v: 1, cycle: cycle.id, deployment: cycle.deployment, state: CycleState(loopName: cycle.state),
            trigger: parts["trigger"] ?? cycle.details["trigger"],
            alarm: try await episode.asyncMap { try await alarm($0, of: deployment.name) },
            window: window.map { window in
                WindowView(
                    from: window.from, to: window.to, interactions: window.interactions, ratings: window.ratings,
                    units: window.units)
            }, probe: Self.probe(parts, in: deployment),
            map: parts["map"] ?? parts["probeMap"], selection: parts["selection"] ?? cycle.details["selection"],
            training: training, data: parts["data"], settings: parts["trainingResult"], gate: parts["gate"],
            experiment: experiment, shadow: parts["shadow"], steps: try await steps(of: cycle),
            cost: Self.cost(of: jobs),
            redactions: window?.redactions,
            erasure: erased == 0
                ? nil : "\(erased) rows of people who were erased since are left out; sums were stored before.")
    }
}
