import API
import FeedbackLoop
import Settings
import Store
import Values

extension CycleState {
    /// A state's name as the loop keeps it. What was promoted watches again.
    init(loopName name: String) {
        self = CycleState(rawValue: name) ?? .watching
    }
}

extension DaemonRoutes {
    func view(of deployment: ServedDeployment) async throws -> DeploymentView {
        let view = deployment.loop.view
        let state = view.state
        let counts = try await context.store.counts(deployment: deployment.name)
        let jobs = try await context.store.jobs(deployment: deployment.name)
        let health = try await context.store.health()
        var step: Int?
        if case .experimenting(let number)? = state.cycle?.stage { step = number + 1 }
        let cycle = CycleSummary(
            id: state.cycle?.id, state: CycleState(loopName: view.stateName), step: step,
            since: state.cycle?.since ?? state.lastEnd?.time ?? state.serving.since,
            trigger: state.cycle?.trigger.kind.rawValue, next: view.next.isEmpty ? nil : view.next)
        return DeploymentView(
            name: deployment.name, mode: DeploymentMode(rawValue: deployment.settings.mode.rawValue) ?? .observe,
            paused: state.isPaused ? true : nil,
            serving: ServingView(
                adapter: state.serving.adapter, since: state.serving.since, reason: state.serving.reason),
            cycle: cycle, cost: Self.cost(of: jobs), health: Self.checks(deployment, view, health),
            counts: DeploymentCounts(
                interactions: counts.interactions, ratings: counts.ratings, units: counts.units))
    }

    static func cost(of jobs: [JobRecord]) -> [String: Double] {
        var cost = ["cpuSeconds": 0.0, "jobs": Double(jobs.count)]
        for job in jobs {
            cost["cpuSeconds", default: 0] += job.cpuSeconds
            cost["\(job.kind)CpuSeconds", default: 0] += job.cpuSeconds
        }
        return cost
    }

    private static func checks(
        _ deployment: ServedDeployment, _ view: LoopView, _ store: StoreHealth
    ) -> [HealthCheck] {
        [
            servingCheck("serving", deployment, view),
            HealthCheck(
                check: "trainer", ok: view.trainerTrouble == nil, detail: view.trainerTrouble ?? "no trouble is known"),
            storeCheck(store),
        ]
    }

    /// What is known of a deployment's serving back end.
    static func servingCheck(_ name: String, _ deployment: ServedDeployment, _ view: LoopView) -> HealthCheck {
        let note =
            deployment.settings.hasServer
            ? view.servingNote : "nothing serves: the deployment names neither a server nor a model"
        return HealthCheck(check: name, ok: view.servingTrouble == nil, detail: view.servingTrouble ?? note)
    }

    static func storeCheck(_ store: StoreHealth) -> HealthCheck {
        let detail =
            if let failure = store.failure {
                "\(failure)"
            } else if !store.synchronousFull {
                "commits are not synced before they are answered"
            } else if !store.acceptsIngest {
                "\(StoreError.full)"
            } else {
                "commits are synced; \(store.databaseBytes) bytes, and \(store.writeAheadLogBytes) in the write-ahead log"
            }
        return HealthCheck(
            check: "store", ok: store.failure == nil && store.synchronousFull && store.acceptsIngest, detail: detail)
    }
}
