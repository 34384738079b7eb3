import Contracts
import FeedbackLoop
import Locking
import Logging
import Serving
import Settings
import Store
import Tuning
import Values

extension Simulation {
    /// What a loop of the simulation runs on: the real store, job folders and adapters in `folder`, an engine and a server
    /// in memory. `change` has the last word on the deployment's settings.
    static func context(
        _ world: SimulatedWorld, _ store: DurableStore, _ folder: String, _ server: SimulatedServer,
        _ done: Locked<[JobDescription.Kind]>, _ goldenSet: String,
        _ faults: Locked<[String]>, change: (inout DeploymentSettings) -> Void = { _ in },
        atJob: @escaping @Sendable (_ job: String, [TrainingExample]) async throws -> Void = { _, _ in },
        atCommit: @escaping @Sendable (LoopContext.CommitMoment) throws -> Void
    ) -> LoopContext {
        var settings = Settings()
        settings.stateDirectory = folder
        var deployment = DeploymentSettings()
        deployment.name = "support"
        deployment.mode = .act
        deployment.model = folder
        deployment.drift.referenceQueries = 600
        deployment.drift.falseAlarms = ErrorBudget(count: 1, period: .seconds(365 * 86_400))
        deployment.gate.leastOldRows = 100
        deployment.goldenSet = goldenSet
        deployment.gate.enabled = world.scenario != .harmWithoutGate
        deployment.experiment.lookInterval = .seconds(6 * 3600 - 600)
        change(&deployment)
        settings.deployments = [deployment]
        var context = LoopContext(
            settings: settings, deployment: deployment, store: store,
            runner: SimulatedEngine(world: world, done: done, faults: faults, atJob: atJob), backend: server,
            jobs: JobFolderWriter(root: folder + "/jobs"), adapters: AdapterFiles(root: folder + "/adapters"),
            checkpoint: CheckpointSummary(digest: "sha256:base", parameters: 20_000),
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        context.atCommit = atCommit
        return context
    }
}
