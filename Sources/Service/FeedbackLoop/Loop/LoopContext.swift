package import Experimentation
package import Logging
package import Serving
package import Settings
package import Store
package import Tuning

/// What a loop works with: everything that reaches outside, injected.
package struct LoopContext: Sendable {
    package var settings: Settings
    package var deployment: DeploymentSettings
    package var store: DurableStore
    package var runner: any JobRunner
    package var backend: any ServingBackend
    package var jobs: JobFolderWriter
    package var adapters: AdapterFiles
    /// Digest and size of the base checkpoint; nil where the daemon has no copy of it (`observe` needs none).
    package var checkpoint: CheckpointSummary?
    /// Why the base checkpoint cannot be used; nil where it can or none is named.
    package var checkpointFault: String?
    package var logger: Logger
    /// Called around every commit; what it throws ends the step there, as a kill would. Tests crash the loop with it.
    package var atCommit: @Sendable (CommitMoment) throws -> Void = { _ in }

    /// Whether the transaction is about to be written, or is durable.
    package enum CommitMoment: Sendable { case before, after }

    package init(
        settings: Settings, deployment: DeploymentSettings, store: DurableStore, runner: any JobRunner,
        backend: any ServingBackend, jobs: JobFolderWriter, adapters: AdapterFiles, checkpoint: CheckpointSummary?,
        checkpointFault: String? = nil, logger: Logger
    ) {
        self.settings = settings
        self.deployment = deployment
        self.store = store
        self.runner = runner
        self.backend = backend
        self.jobs = jobs
        self.adapters = adapters
        self.checkpoint = checkpoint
        self.checkpointFault = checkpointFault
        self.logger = logger
    }

    package var rules: CycleMachine.Rules {
        CycleMachine.Rules(
            deployment: deployment.name, mode: CycleMachine.Rules.Mode(rawValue: deployment.mode.rawValue) ?? .observe,
            gatheringSeconds: settings.scaled(deployment.cycle.gathering),
            gatheringDeadlineSeconds: 3 * settings.scaled(deployment.cycle.gathering),
            pauseSeconds: settings.scaled(deployment.cycle.pause),
            windowSeconds: settings.scaled(deployment.training.window), holdBackShare: deployment.experiment.holdBack,
            holdBackSeconds: settings.scaled(deployment.experiment.holdBackTime),
            rampSteps: deployment.experiment.steps.count, base: checkpoint?.digest)
    }

    /// What an experiment of this deployment keeps to, where nothing else is asked for and it stands alone; what the log decides
    /// (`auto`) as it would of an empty one.
    package var experimentDesign: ExperimentDesign {
        let experiment = deployment.experiment
        return ExperimentDesign(
            alpha: experiment.alpha * (experiment.sides == .one ? 2 : 1), harmAlpha: experiment.harmAlpha,
            steps: experiment.steps,
            leastStepSeconds: settings.scaled(experiment.leastStepTime), leastStepUnits: experiment.burnInUnits,
            longestSeconds: settings.scaled(experiment.longest), minimumEffect: experiment.minimumEffect,
            burnInUnits: experiment.burnInUnits, tuning: 1000, latencyRatio: experiment.latencyRatio,
            errorMargin: experiment.errorMargin,
            ratingsPerRaterPerDay: experiment.ratingsPerRaterPerDay.most(DailyLimits.ratings),
            ratingsPerUnitPerDay: experiment.ratingsPerUnitPerDay.most(DailyLimits.ratings),
            requestsPerUnitPerDay: experiment.requestsPerUnitPerDay.most(DailyLimits.requests),
            daySeconds: settings.scaled(.seconds(86_400)),
            // Were a first query deleted meanwhile, a later one would be asked, which may follow on an answer of the arm.
            asksDifficulty: deployment.hasServer && experiment.difficulty == .auto
                && settings.retention >= experiment.longest,
            approvalSteps: experiment.approvalSteps.map { $0 - 1 })
    }
}

extension ExperimentSettings.DayLimit {
    fileprivate func most(_ range: ClosedRange<Int>) -> Int {
        switch self {
        case .auto: range.upperBound
        case .most(let most): most
        }
    }
}
