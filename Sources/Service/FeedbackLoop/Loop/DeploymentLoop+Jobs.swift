import Contracts
import DurableFiles
import Experimentation
import ImpactMaps
import Locking
import Logging
import Serving
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Serves a stage that waits for a job: writes its folder, starts it, and takes its result in.
    func serveJob(_ job: String, of cycle: Cycle, at now: Timestamp) async throws {
        let folder = context.jobs.folder(of: job)
        if state.isPaused { return try await watchPaused(job, of: cycle, folder: folder, at: now) }
        if let problem = baseProblem(of: cycle) {
            await context.runner.cancel(job, folder: folder)
            try await apply(.jobFailed(reason: problem, isFinal: true), at: now)
            return
        }
        do {
            guard try await prepare(job, of: cycle, at: now) else { return }
        } catch let fault as StoreError {
            throw fault
        } catch {
            try await apply(.jobFailed(reason: "the job cannot be prepared: \(error)", isFinal: true), at: now)
            return
        }
        switch await context.runner.status(of: job, folder: folder) {
        case .waiting:
            await context.runner.start(job, folder: folder)
        case .running(let progress):
            published.withLock { $0.view.progress = progress }
        case .lost(let reason):
            try await finish(job, cycle, state: .failed, cpuSeconds: 0, at: now) {
                try await apply(.jobFailed(reason: reason, isFinal: true), at: now, parts: $0)
            }
        case .ended(let result):
            try await takeResult(result, of: job, folder: folder, cycle: cycle, at: now)
        }
    }

    /// Why a cycle cannot go on: rows, maps and adapters of one base say nothing of another.
    private func baseProblem(of cycle: Cycle) -> String? {
        guard let begun = cycle.base, let here = context.checkpoint?.digest, begun != here else { return nil }
        return
            "the base model in \(context.deployment.model) (\(here.prefix(19))…) is another one than \(cycle.id) began with (\(begun.prefix(19))…)"
    }

    /// Of a job under way its progress is shown, and who was erased meanwhile is not kept in its folder.
    private func watchPaused(_ job: String, of cycle: Cycle, folder: String, at now: Timestamp) async throws {
        guard JobFolderWriter.exists(folder) else { return }
        guard try await context.store.isOpen(job: job) else { return try await discard(job, of: cycle, at: now) }
        if case .running(let progress) = await context.runner.status(of: job, folder: folder) {
            published.withLock { $0.view.progress = progress }
        }
    }

    /// Writes the job's folder unless it is there; anew where somebody in its data was erased.
    ///
    /// - Returns: false while the job cannot be made yet.
    private func prepare(_ job: String, of cycle: Cycle, at now: Timestamp) async throws -> Bool {
        if JobFolderWriter.exists(context.jobs.folder(of: job)) {
            if try await context.store.isOpen(job: job) { return true }
            try await discard(job, of: cycle, at: now)
        }
        guard let checkpoint = context.checkpoint else {
            throw LoopFault(
                context.checkpointFault
                    ?? "the deployment names no model; set model to the base checkpoint's folder")
        }
        for adapter in [state.serving.adapter, cycle.candidate].compactMap(\.self) {
            if let record = try await context.store.adapter(name: adapter), let problem = baseProblem(record) {
                throw LoopFault(problem)
            }
        }
        let erasures = try await context.store.erasures()
        let data = try await trainingData(of: cycle)
        let incumbent = state.serving.adapter
        var description = JobDescription(
            id: job, kind: .impact, base: "base", baseDigest: checkpoint.digest,
            incumbent: incumbent.map { _ in "incumbent" }, template: "auto", seed: seed(of: cycle),
            limits: JobDescription.Limits(
                cpuSeconds: context.settings.scaled(context.deployment.training.cpuBudget) * context.settings.timeScale,
                memoryBytes: context.deployment.training.memoryBytes, threads: context.settings.engine.jobThreads))
        var links = ["base": context.deployment.model]
        if let incumbent { links["incumbent"] = context.adapters.folder(of: incumbent) }
        var rows: [LineageRecord.DataSet: [TrainingData.Row]] = [:]
        var golden: [TrainingExample] = []
        let impactMessages = context.deployment.training.impactMessages
        switch cycle.stage {
        case .measuring, .estimating:
            let isProbe = if case .measuring = cycle.stage { true } else { false }
            description.impact = JobDescription.Impact(
                method: "gradientMagnitude", maximumMessages: isProbe ? max(16, impactMessages / 2) : impactMessages,
                folds: 8)
            rows[.train] = data.train.filter { !$0.isReplay && $0.example.desirable }
        case .training:
            description.kind = .train
            description.train = trainSection(cycle)
            rows = [.train: data.train, .heldout: data.heldout, .old: data.old]
        case .gating:
            guard let candidate = cycle.candidate else { throw LoopFault("there is no candidate to judge") }
            description.kind = .evaluate
            description.candidate = "candidate"
            description.evaluate = JobDescription.Evaluate(metrics: [.logLikelihood, .exactAnswer])
            links["candidate"] = context.adapters.folder(of: candidate)
            rows = [.heldout: data.heldout, .old: data.old]
            golden = try GoldenSet.examples(path: context.deployment.goldenSet)
        case .gathering, .awaitingApproval, .experimenting, .shadowing, .promoting: return false
        }
        let noted = rows.flatMap { set, rows in
            rows.map {
                OpenJobRow(
                    record: $0.example.record, interaction: $0.interaction, rating: $0.rating, set: set,
                    weight: $0.example.weight)
            }
        }
        guard try await context.store.openJob(job, deployment: name, rows: noted, erasures: erasures) else {
            return false
        }
        var examples = Dictionary(
            uniqueKeysWithValues: rows.map { set, rows in (ExampleSet(set), rows.map(\.example)) })
        if !golden.isEmpty { examples[.golden] = golden }
        try context.jobs.write(description, examples: examples, links: links)
        return true
    }

    /// Ends a job in whose data somebody was erased, and removes its folder with all that it had computed; the next step
    /// begins it anew, from the log as it is now.
    private func discard(_ job: String, of cycle: Cycle, at now: Timestamp) async throws {
        await context.runner.cancel(job, folder: context.jobs.folder(of: job))
        context.jobs.remove(job)
        if case .training = cycle.stage {
            // What was taken over already, and then not committed.
            DurableFiles.remove(context.adapters.folder(of: inner.withLock { $0.machine.nextCandidate }))
        }
        published.withLock { $0.view.progress = nil }
        let reason = "somebody in the data was erased: \(job) begins anew without them"
        var commit = LoopCommit(deployment: name)
        commit.transitions = [
            TransitionRecord(
                deployment: name, cycle: cycle.id, from: cycle.stage.name, to: cycle.stage.name, time: now,
                actor: "erasure", reason: reason)
        ]
        try await self.commit(commit)
        context.logger.notice("\(reason)", metadata: ["deployment": "\(name)"])
    }

    private func trainSection(_ cycle: Cycle) -> JobDescription.Train {
        let training = context.deployment.training
        let objective: JobDescription.Train.Objective =
            switch training.objective {
            case .supervised: .supervised
            case .kto: .kto
            case .both: .both
            }
        return JobDescription.Train(
            selection: cycle.selection ?? Selection(modules: []), parameterBudget: budget.parameters,
            maximumRank: training.maximumRank, objective: objective,
            kto: objective == .supervised
                ? nil : JobDescription.KTO(beta: 0.1, desirableWeight: 1, undesirableWeight: 1),
            epochs: training.epochs, learningRates: training.learningRates, batchTokens: training.batchTokens)
    }

    private func takeResult(
        _ result: JobResult, of job: String, folder: String, cycle: Cycle, at now: Timestamp
    ) async throws {
        let jobState: JobRecord.State =
            switch result.status {
            case .done: .done
            case .refused: .refused
            case .failed: .failed
            case .cancelled: .cancelled
            }
        guard result.status == .done else {
            let why = "the \(cycle.stage.name) job was \(result.status.rawValue): \(result.reason ?? "no reason given")"
            try await finish(job, cycle, state: jobState, cpuSeconds: result.cpuSeconds, at: now) {
                try await apply(.jobFailed(reason: why, isFinal: true), at: now, parts: $0)
            }
            return
        }
        do {
            try await finish(job, cycle, state: .done, cpuSeconds: result.cpuSeconds, at: now) { jobPart in
                switch cycle.stage {
                case .measuring: try await takeProbe(folder, cycle, at: now, jobPart)
                case .estimating: try await takeMap(folder, cycle, result, at: now, jobPart)
                case .training: try await takeAdapter(job, folder, cycle, result, at: now, jobPart)
                case .gating: try await takeGate(folder, cycle, at: now, jobPart)
                case .gathering, .awaitingApproval, .experimenting, .shadowing, .promoting: break
                }
            }
        } catch StoreError.jobIsNotOpen {
            // Erased since this step looked; the next one discards the job.
        } catch let fault as StoreError {
            throw fault
        } catch {
            try await apply(
                .jobFailed(reason: "the job's result cannot be used: \(error)", isFinal: true), at: now)
        }
    }

    typealias CommitParts = (inout LoopCommit, CycleMachine) throws -> Void

    /// Commits the job's end with the event that `body` applies.
    private func finish(
        _ job: String, _ cycle: Cycle, state: JobRecord.State, cpuSeconds: Double, at now: Timestamp,
        _ body: (@escaping CommitParts) async throws -> Void
    ) async throws {
        let record = JobRecord(
            id: job, deployment: name, cycle: cycle.id, kind: kind(of: cycle.stage), folder: job, state: state,
            attempts: 1, cpuSeconds: cpuSeconds, started: cycle.since, ended: now)
        try await body { commit, _ in commit.jobs.append(record) }
        published.withLock { $0.view.progress = nil }
    }

    private func kind(of stage: Cycle.Stage) -> String {
        switch stage {
        case .training: JobDescription.Kind.train.rawValue
        case .gating: JobDescription.Kind.evaluate.rawValue
        default: JobDescription.Kind.impact.rawValue
        }
    }
}

extension ExampleSet {
    /// The file that a set of the lineage stands in.
    init(_ set: LineageRecord.DataSet) {
        self =
            switch set {
            case .train: .train
            case .heldout: .heldout
            case .old: .old
            }
    }
}
