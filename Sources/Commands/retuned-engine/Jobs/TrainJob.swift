import Contracts
import FineTuning
import Transformer
import Values

/// Carries out a job of kind `train`.
struct TrainJob {
    let context: JobContext
    let base: JobBase
    let request: JobDescription.Train

    /// Old rows on which harm is measured after each epoch.
    private static let mostOldRows = 256

    /// Figures that are measured and not derived: carried through checkpoints, apart from the training's state.
    struct Account {
        var stepSeconds = 0.0
        var steps = 0
        var fullStepSeconds = -1.0
    }

    func run() throws {
        let prepared = try prepare()
        let run = try makeRun(prepared)
        var account = Account()
        if let resumed = context.resumed, resumed.phase == "train" {
            var reader = StateReader(resumed.state)
            account.stepSeconds = try reader.readDouble()
            account.steps = try reader.readInt()
            account.fullStepSeconds = try reader.readDouble()
            try run.restore(try reader.readBytes())
        } else {
            try TrainEstimate(
                context: context, base: base, rows: prepared.train, heldout: prepared.heldout + prepared.old, run: run
            )
            .write(rates: request.learningRates.count, epochs: request.epochs)
            account.fullStepSeconds = try measureFullStep(prepared, run)
        }
        try work(run, &account)
        try publish(run, account, prepared)
    }

    private func work(_ run: TrainingRun, _ account: inout Account) throws {
        let (start, startSteps) = (JobProcess.monotonicSeconds, run.steps)
        while !run.isFinished {
            let (before, stepsBefore) = (JobProcess.cpuSeconds, run.steps)
            let progress: TrainingRun.Progress
            do {
                try context.check()
                progress = try run.advance(check: context.check)
            } catch let interruption as JobInterruption {
                try context.leave(interruption, phase: "train", state: state(run, account))
            } catch let failure as TrainingFailure {
                throw JobFailure(failure.description)
            }
            if run.steps > stepsBefore {
                account.stepSeconds += JobProcess.cpuSeconds - before
                account.steps += 1
            }
            let pace =
                run.steps > startSteps
                ? (JobProcess.monotonicSeconds - start) / Double(run.steps - startSteps) : nil
            try context.report(
                phase: progress.phase, step: progress.step, of: progress.of, loss: progress.loss,
                heldoutLoss: progress.heldoutLoss, gradientNorm: progress.gradientNorm,
                secondsLeft: pace.map { $0 * Double(run.totalSteps - run.steps) },
                always: progress.heldoutLoss != nil)
            try context.checkpointIfDue(phase: "train") { state(run, account) }
        }
    }

    private func state(_ run: TrainingRun, _ account: Account) -> [UInt8] {
        var writer = StateWriter()
        writer.write(account.stepSeconds)
        writer.write(account.steps)
        writer.write(account.fullStepSeconds)
        writer.write(run.state)
        return writer.bytes
    }

    // MARK: What goes in

    struct Prepared {
        var train: [TrainingRow]
        var heldout: [TrainingRow]
        var old: [TrainingRow]
        var truncated: Int
    }

    private func prepare() throws -> Prepared {
        let teaching = try context.directory.readExamples(.train).filter {
            $0.weight > 0 && ($0.desirable || request.objective != .supervised)
        }
        let testing = try context.directory.readExamples(.heldout).filter { $0.weight > 0 && $0.desirable }
        // Records are hashes: the first in their order are a sample that depends on nothing else.
        let earlier = try context.directory.readExamples(.old).filter { $0.weight > 0 && $0.desirable }
            .sorted { $0.record < $1.record }.prefix(Self.mostOldRows)
        let old = try base.rows(Array(earlier), of: .old)
        let train = try base.rows(teaching, of: .train)
        let heldout = try base.rows(testing, of: .heldout)
        guard !train.rows.isEmpty else {
            throw JobFailure("\(ExampleSet.train.path) has no row to learn from.")
        }
        return Prepared(
            train: train.rows, heldout: heldout.rows, old: old.rows,
            truncated: train.truncated + heldout.truncated + old.truncated)
    }

    private func makeRun(_ prepared: Prepared) throws -> TrainingRun {
        var modules: [TunedModule] = []
        for module in request.selection.modules {
            guard let path = ModulePath(module.name) else {
                throw JobFailure(
                    "train.selection names \(module.name); modules are named as layers.6.mlp.down_proj is.")
            }
            modules.append(
                TunedModule(
                    path: path, rank: module.rank, rows: module.rows ?? [], columns: module.columns ?? []))
        }
        let plan: CandidatePlan
        do {
            plan = try CandidatePlan(
                modules: modules, incumbent: try base.adapter(context.job.incumbent),
                lineage: base.lineage(context.job.incumbent), configuration: base.model.configuration,
                parameterBudget: request.parameterBudget, maximumRank: request.maximumRank, seed: context.job.seed)
        } catch let error as SelectionError {
            throw JobFailure(error.description)
        }
        let kto = request.kto
        let settings = TrainingSettings(
            objective: TrainingSettings.Objective(rawValue: request.objective.rawValue) ?? .supervised,
            kto: KahnemanTversky(
                beta: kto?.beta ?? 0.1, desirableWeight: kto?.desirableWeight ?? 1,
                undesirableWeight: kto?.undesirableWeight ?? 1),
            epochs: request.epochs, learningRates: request.learningRates, batchTokens: request.batchTokens,
            maximumRank: request.maximumRank, seed: context.job.seed)
        return TrainingRun(
            model: base.model, plan: plan, settings: settings, rows: prepared.train, heldout: prepared.heldout,
            old: prepared.old, pieceTokens: base.pieceTokens, workspace: base.workspace)
    }

    /// CPU seconds of one full fine-tuning step on a batch of this training; −1 where it does not fit the memory limit.
    private func measureFullStep(_ prepared: Prepared, _ run: TrainingRun) throws -> Double {
        let needed = JobProcess.dataBytes + FullTuningStep.memoryBytes(base.model.configuration)
        guard needed < context.job.limits.memoryBytes / 10 * 9 else { return -1 }
        let step = FullTuningStep(model: base.model)
        return try context.measure {
            try step.run(
                run.firstBatch, pieceTokens: base.pieceTokens, frozen: run.frozenAdapter, workspace: base.workspace,
                check: context.check)
        }
    }

    // MARK: What comes out

    private func publish(_ run: TrainingRun, _ account: Account, _ prepared: Prepared) throws {
        let candidate = run.candidate()
        try context.directory.publish { folder in
            let adapterFolder = folder + "/adapter"
            try Files.makeFolder(adapterFolder)
            try AdapterFile.write(
                candidate.adapter, configuration: base.model.configuration, baseName: context.job.base,
                folder: adapterFolder)
            try Files.writeSynced(
                StrictJSON.encodeBytes(candidate.lineage) + [10], to: adapterFolder + "/" + AdapterLineage.fileName)
            // What is asked is what was written, read back.
            let written = try AdapterFile.read(folder: adapterFolder, configuration: base.model.configuration)
            try Files.writeSynced(
                StrictJSON.encodeBytes(try probe(of: written)) + [10],
                to: adapterFolder + "/probe.json")
            var metrics: [String: Double] = [
                "steps": Double(run.steps), "learningRate": run.chosenRate,
                "heldoutLossBefore": run.heldoutLossBefore, "heldoutLossAfter": run.heldoutLossAfter,
                "trainedTokens": Double(run.trainedTokens), "truncatedRows": Double(prepared.truncated),
                "svdResidual": candidate.residual, "trainRows": Double(prepared.train.count),
                "heldoutRows": Double(prepared.heldout.count), "oldRows": Double(prepared.old.count),
                "oldLossBefore": run.oldLossBefore, "oldLossAfter": run.oldLossAfter,
                "divergedRates": Double(run.divergedRates.count),
                "continuesIncumbent": run.continuesIncumbent ? 1 : 0,
                "stepSeconds": account.stepSeconds / Double(max(1, account.steps)),
            ]
            if account.fullStepSeconds >= 0 { metrics["fullStepSeconds"] = account.fullStepSeconds }
            for (epoch, loss) in run.epochLosses.enumerated() { metrics["heldoutLossEpoch\(epoch + 1)"] = loss }
            return context.result(.done, trainedParameters: run.trainedParameters, metrics: metrics)
        }
    }

    /// A question that nobody asked: the file outlives what people have erased, so no word of theirs is in it.
    private static let probedMessage = "Hello. What can you help me with today?"

    private func probe(of adapter: LowRankAdapter) throws -> AdapterProbe {
        let most = 64
        let message = ChatMessage(role: "user", content: Self.probedMessage)
        let prompt = try base.encoder.prompt([message], room: most).tokens
        let answer = base.model.generate(
            prompts: [prompt], adapter: adapter, stopTokens: base.stopTokens, maximumTokens: most,
            workspace: base.workspace)[0]
        return AdapterProbe(
            messages: [TrainingExample.Message(role: message.role, content: message.content)],
            answer: base.encoder.template.tokenizer.decode(answer.tokens.map(Int.init), skippingSpecialTokens: true),
            logProbabilities: answer.logProbabilities.prefix(answer.tokens.count).map(Double.init))
    }
}
