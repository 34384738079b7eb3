import Serving
import API
import Contracts
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Values

extension DaemonRoutes {
    func cycle(_ call: Call) async throws -> (ServedDeployment, CycleRecord) {
        let deployment = try deployment(call)
        let id = try call.parameter("cycle")
        guard let record = try await context.store.cycle(id: id), record.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no cycle ‘\(id)’; see GET …/cycles.")
        }
        return (deployment, record)
    }

    func cycleView(_ record: CycleRecord, _ deployment: ServedDeployment) async throws -> CycleView {
        let steps = try await steps(record)
        let view = deployment.loop.view
        let isCurrent = view.state.cycle?.id == record.id
        return CycleView(
            id: record.id, deployment: record.deployment, state: CycleState(rawValue: record.state) ?? .watching,
            trigger: record.details["trigger"]?["reason"]?.stringValue ?? record.trigger, started: record.started,
            since: steps.last?.time ?? record.started, ended: record.ended,
            adapter: record.details["candidate"]?.stringValue, experiment: record.details["experiment"]?.stringValue,
            reason: record.reason, next: isCurrent ? view.next : nil, steps: steps)
    }

    private func steps(_ record: CycleRecord) async throws -> [CycleStepView] {
        try await context.store.transitions(cycle: record.id).map {
            CycleStepView(
                state: CycleState(rawValue: $0.to) ?? .watching, time: $0.time, actor: $0.actor, reason: $0.reason)
        }
    }

    /// Everything that a cycle's decisions rest on.
    func dossier(_ record: CycleRecord, _ deployment: ServedDeployment) async throws -> Dossier {
        let parts = Dictionary(
            try await context.store.dossier(cycle: record.id).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        var training: [TrainingRow] = []
        var erased = 0
        if let candidate = record.details["candidate"]?.stringValue {
            training = try await context.store.lineage(adapter: candidate).map {
                TrainingRow(
                    record: $0.record, interaction: $0.interaction, rating: $0.rating,
                    set: TrainingSet(rawValue: $0.set.rawValue) ?? .train, weight: $0.weight)
            }
            erased = try await context.store.adapter(name: candidate)?.erasedRecords ?? 0
        }
        var experiment: ExperimentView?
        if let id = record.details["experiment"]?.stringValue, let found = try await context.store.experiment(id: id) {
            experiment = try await experimentView(found, deployment)
        }
        let jobs = try await context.store.jobs(deployment: deployment.name, cycle: record.id)
        var cost = ["cpuSeconds": jobs.reduce(0) { $0 + $1.cpuSeconds }]
        for job in jobs { cost["\(job.kind)CpuSeconds", default: 0] += job.cpuSeconds }
        return Dossier(
            v: 1, cycle: record.id, deployment: deployment.name,
            state: CycleState(rawValue: record.state) ?? .watching, trigger: parts["trigger"],
            probe: probeView(parts["probe"], deployment), map: parts["map"] ?? parts["probeMap"],
            selection: parts["selection"] ?? record.details["selection"], training: training, data: parts["data"],
            settings: parts["trainingResult"], gate: parts["gate"], experiment: experiment,
            steps: try await steps(record), cost: cost,
            erasure: erased > 0 ? "\(erased) rows were erased since; only stored sums are kept of them" : nil)
    }

    private func probeView(_ value: JSONValue?, _ deployment: ServedDeployment) -> ProbeView? {
        guard let value, let captured = value["captured"]?.doubleValue, let lower = value["lower"]?.doubleValue,
            let upper = value["upper"]?.doubleValue
        else { return nil }
        let branch = value["branch"]?.stringValue ?? ""
        return ProbeView(
            capturedImpact: captured, interval: [lower, upper], threshold: deployment.settings.cycle.staleBelow,
            stale: branch == "reselect", branch: branch, lossLeft: max(0, 1 - captured),
            detail: value["reason"]?.stringValue ?? "")
    }

    // MARK: Adapters

    func adapter(_ call: Call) async throws -> (ServedDeployment, AdapterRecord) {
        let deployment = try deployment(call)
        let name = try call.parameter("adapter")
        guard let record = try await context.store.adapter(name: name), record.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no adapter ‘\(name)’; see GET …/adapters.")
        }
        return (deployment, record)
    }

    func adapterView(_ record: AdapterRecord, _ deployment: ServedDeployment) -> AdapterView {
        let loop = deployment.loop.view.state
        let state: AdapterState =
            if record.name == loop.serving.adapter {
                .incumbent
            } else if loop.holdBack != nil, record.name == loop.holdBack?.adapter {
                .holdback
            } else {
                switch record.status {
                case .training, .trained, .candidate: .candidate
                case .serving: .incumbent
                case .retired: .retired
                case .rejected, .failed: .rejected
                case .rolledBack: .rolledBack
                }
            }
        return AdapterView(
            name: record.name, deployment: record.deployment, state: state, digest: record.digest ?? "",
            base: deployment.loop.context.checkpoint?.digest ?? "", parent: record.parent, cycle: record.cycle,
            created: record.created, rank: deployment.settings.training.maximumRank,
            parameters: record.trainedParameters ?? 0, modules: [], tainted: record.erasedRecords > 0 ? true : nil,
            metrics: record.metrics)
    }

    // MARK: Impact

    /// The newest map of the deployment, with what was selected from it.
    func impact(_ deployment: ServedDeployment) async throws -> ImpactView {
        let share = deployment.settings.training.parameterBudget
        let budget = Int(Double(deployment.loop.context.checkpoint?.parameters ?? 0) * share)
        for record in try await context.store.cycles(deployment: deployment.name) {
            let parts = Dictionary(
                try await context.store.dossier(cycle: record.id).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            guard let map = parts["map"] ?? parts["probeMap"],
                let report = try? StrictJSON.decode(ImpactReport.self, from: map, ignoringUnknownFields: true)
            else { continue }
            let selection = (parts["selection"] ?? record.details["selection"]).flatMap {
                try? StrictJSON.decode(Selection.self, from: $0, ignoringUnknownFields: true)
            }
            let ranks = Dictionary(
                (selection?.modules ?? []).map { ($0.name, $0.rank) }, uniquingKeysWith: { first, _ in first })
            let modules = report.modules.map {
                ModuleView(
                    name: $0.name, score: $0.score, standardError: $0.standardError, cost: Double($0.cost),
                    rank: ranks[$0.name] ?? 0, prior: $0.prior, trafficShare: $0.trafficShare)
            }
            return ImpactView(
                deployment: deployment.name, cycle: record.id, measured: record.started, method: report.method,
                units: report.units, modules: modules, parameterBudget: budget,
                selectedParameters: modules.reduce(0) { $0 + $1.rank * Int($1.cost) },
                probe: probeView(parts["probe"], deployment))
        }
        return ImpactView(
            deployment: deployment.name, units: 0, modules: [], parameterBudget: budget, selectedParameters: 0)
    }
}
