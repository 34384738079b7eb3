import Tensors
package import Transformer

// A training, one piece of work at a time.
//
// 1. Reference (Kahneman–Tversky only): log-likelihoods of the training rows under the incumbent.
// 2. Before: the held-out loss of the incumbent, and its loss on old rows where there are some.
// 3. Trials: each learning rate trains the first epoch of the full schedule (warm-up, linear decay to the last epoch's
//    end) from the same start, and its held-out loss is measured, to which every nat that the old rows lost is added.
// 4. The best rate goes on from where its trial stood; after each epoch the same sum, and the best epoch is kept.
//    So k rates cost k + epochs − 1 epochs instead of k · epochs; a rate that would overtake later is missed.
// 5. After: the held-out loss of the adapter as it is exported (rank cut to its maximum where it must be).
//
// A rate that diverges (a loss or gradient that is not finite) drops out; the training fails when none is left. All
// randomness is derived from the seed and the place in the schedule, so that the state is the factors, the optimiser's
// moments and a few counters: a training taken up from it ends in the same bytes.

/// A training that can be interrupted between any two pieces of work.
package final class TrainingRun {
    /// What a piece of work was.
    package struct Progress: Sendable {
        package var phase: String
        package var step: Int
        package var of: Int
        package var loss: Double?
        package var heldoutLoss: Double?
        package var gradientNorm: Double?
    }

    enum Stage: Int {
        case reference, before, train, heldout, choose, after, finished
    }

    let model: Model
    let plan: CandidatePlan
    let settings: TrainingSettings
    let rows: [TrainingRow]
    let workspace: Workspace
    /// Held-out rows, then old ones.
    let heldout: HeldoutPass
    let heldoutCount: Int
    let referencePass: HeldoutPass
    /// Tokens of a forward and backward pass; a step is as many passes as its batch needs.
    let pieceTokens: Int
    /// Number of steps of each epoch.
    let epochSteps: [Int]
    let meanWeight: Double
    private let gradients: Gradients

    var stage: Stage
    var runs: [RateRun]
    var current = 0
    var passPiece = 0
    /// Sums of the current pass over held-out rows, and over old ones.
    var heldoutSums = LossSums()
    var oldSums = LossSums()
    /// Log-likelihood of each training row under the incumbent (Kahneman–Tversky).
    var reference: [Double]
    var stepsTaken = 0
    package internal(set) var heldoutLossBefore = Double.nan
    package internal(set) var heldoutLossAfter = Double.nan
    package internal(set) var oldLossBefore = Double.nan
    package internal(set) var oldLossAfter = Double.nan
    private var batches: (epoch: Int, list: [[Int]]) = (-1, [])
    private var exported: (adapter: LowRankAdapter, lineage: AdapterLineage, residual: Double)?

    /// - Parameters:
    ///   - rows: training rows; those with weight 0, and undesirable ones where the objective is supervised, must have
    ///     been left out.
    ///   - old: rows of earlier traffic; what the training does to them counts against it.
    ///   - pieceTokens: tokens of one forward and backward pass, so that a step can be abandoned between two.
    package init(
        model: Model, plan: CandidatePlan, settings: TrainingSettings, rows: [TrainingRow], heldout: [TrainingRow],
        old: [TrainingRow] = [], pieceTokens: Int, workspace: Workspace
    ) {
        precondition(!rows.isEmpty)
        self.model = model
        self.plan = plan
        self.settings = settings
        self.rows = rows
        self.workspace = workspace
        self.pieceTokens = pieceTokens
        self.heldout = HeldoutPass(rows: heldout + old, tokens: 2 * pieceTokens)
        heldoutCount = heldout.count
        referencePass = HeldoutPass(rows: rows, tokens: 2 * pieceTokens)
        let lengths = rows.map(\.tokenCount)
        epochSteps = (0..<settings.epochs).map {
            BatchPlan.epoch(lengths: lengths, batchTokens: settings.batchTokens, seed: settings.seed, epoch: $0).count
        }
        meanWeight = max(1e-12, rows.reduce(0) { $0 + $1.weight } / Double(rows.count))
        let runs = settings.learningRates.map { RateRun(rate: $0, start: plan.start) }
        self.runs = runs
        gradients = Gradients(for: Trainables(adapter: runs[0].adapter), of: model)
        reference = [Double](repeating: 0, count: settings.objective == .supervised ? 0 : rows.count)
        stage = settings.objective == .supervised ? .before : .reference
    }

    package var isFinished: Bool { stage == .finished }

    /// Steps of the whole training: every rate's first epoch, then the other epochs of one.
    package var totalSteps: Int {
        settings.learningRates.count * epochSteps[0] + epochSteps.dropFirst().reduce(0, +)
    }

    /// The rate that was kept; call when finished.
    package var chosenRate: Double { runs[current].rate }

    /// Held-out loss after each epoch of the rate that was kept; call when finished.
    package var epochLosses: [Double] { runs[current].losses }

    /// Rates that diverged.
    package var divergedRates: [Double] { runs.filter(\.hasDiverged).map(\.rate) }

    /// Tokens that forward and backward passes of all rates have seen.
    package var trainedTokens: Int { runs.reduce(0) { $0 + $1.trainedTokens } }

    package var steps: Int { stepsTaken }

    /// Does the next piece of work: a step, or a piece of a forward pass.
    /// - Parameter check: called between the passes of a step; what it throws is thrown, and the state is that before
    ///   the step.
    package func advance(check: () throws -> Void) throws -> Progress {
        switch stage {
        case .reference: return referencePiece()
        case .before, .heldout, .after: return heldoutPiece()
        case .train: return try trainStep(check: check)
        case .choose: return try choose()
        case .finished: return Progress(phase: "done", step: totalSteps, of: totalSteps)
        }
    }

    /// The candidate; call when finished.
    package func candidate() -> (adapter: LowRankAdapter, lineage: AdapterLineage, residual: Double) {
        if let exported { return exported }
        let candidate = plan.export(runs[current].best ?? plan.start, maximumRank: settings.maximumRank)
        exported = candidate
        return candidate
    }

    // MARK: Forward passes

    private func referencePiece() -> Progress {
        if passPiece < referencePass.pieceCount {
            let incumbent = [plan.frozen, plan.start].compactMap(\.self)
            for (row, logLikelihood) in referencePass.piece(
                passPiece, model: model, adapters: incumbent, workspace: workspace)
            {
                reference[row] = logLikelihood
            }
            passPiece += 1
        }
        if passPiece >= referencePass.pieceCount { enter(.before) }
        return Progress(phase: "reference", step: passPiece, of: referencePass.pieceCount)
    }

    private func heldoutPiece() -> Progress {
        let done = passPiece
        if passPiece < heldout.pieceCount {
            heldout.addLosses(
                passPiece, of: 0..<heldoutCount, to: &heldoutSums, others: &oldSums, model: model,
                adapters: evaluatedAdapters(), workspace: workspace)
            passPiece += 1
        }
        guard passPiece >= heldout.pieceCount else {
            return Progress(phase: "heldout", step: done, of: heldout.pieceCount)
        }
        let loss = heldoutSums.mean
        finishPass(loss: loss, old: oldSums.mean)
        return Progress(phase: "heldout", step: done + 1, of: heldout.pieceCount, heldoutLoss: loss)
    }

    private func evaluatedAdapters() -> [LowRankAdapter] {
        switch stage {
        case .before: [plan.frozen, plan.start].compactMap(\.self)
        case .after: [candidate().adapter]
        default: [plan.frozen, runs[current].adapter].compactMap(\.self)
        }
    }

    private func finishPass(loss: Double?, old: Double?) {
        switch stage {
        case .before:
            heldoutLossBefore = loss ?? .nan
            oldLossBefore = old ?? .nan
            enter(.train)
        case .after:
            heldoutLossAfter = loss ?? .nan
            oldLossAfter = old ?? .nan
            enter(.finished)
        default:
            // Without held-out rows the epoch's mean training loss decides.
            let gained = loss ?? runs[current].epochLoss / Double(max(1, runs[current].stepInEpoch))
            record(loss: gained, harm: old.map(harm(of:)) ?? 0)
            enter(.choose)
        }
    }

    /// What old rows lost since before the training, at least 0; not finite where the loss is not.
    private func harm(of loss: Double) -> Double {
        let change = loss - oldLossBefore
        return change < 0 ? 0 : change
    }

    func enter(_ next: Stage) {
        stage = next
        passPiece = 0
        heldoutSums = LossSums()
        oldSums = LossSums()
    }

    /// Ends an epoch of the current run: the best is that with the least held-out loss plus harm to old rows, both in
    /// nats a token.
    private func record(loss: Double, harm: Double) {
        runs[current].losses.append(loss)
        if !loss.isFinite || !harm.isFinite || !runs[current].isFinite {
            runs[current].hasDiverged = true
        } else if loss + harm < runs[current].bestLoss {
            runs[current].bestLoss = loss + harm
            runs[current].best = runs[current].adapter.copy()
        }
        runs[current].epoch += 1
        runs[current].stepInEpoch = 0
        runs[current].epochLoss = 0
    }

    /// What comes after a finished epoch: the next rate's trial, the best rate's next epoch, or the end.
    private func choose() throws -> Progress {
        let progress = Progress(phase: "train", step: stepsTaken, of: totalSteps)
        if let next = runs.indices.first(where: { runs[$0].epoch == 0 && !runs[$0].hasDiverged }) {
            current = next
            enter(.train)
            return progress
        }
        if !runs.contains(where: { $0.epoch > 1 }) {
            let left = runs.indices.filter { runs[$0].best != nil }
            guard let best = left.min(by: { runs[$0].bestLoss < runs[$1].bestLoss }) else {
                throw TrainingFailure(rates: settings.learningRates)
            }
            current = best
        }
        enter(runs[current].hasDiverged || runs[current].epoch >= settings.epochs ? .after : .train)
        return progress
    }

    // MARK: Steps

    private func trainStep(check: () throws -> Void) throws -> Progress {
        let epoch = runs[current].epoch
        if batches.epoch != epoch {
            batches = (
                epoch,
                BatchPlan.epoch(
                    lengths: rows.map(\.tokenCount), batchTokens: settings.batchTokens, seed: settings.seed,
                    epoch: epoch)
            )
        }
        let batch = batches.list[runs[current].stepInEpoch]
        let loss = try accumulate(batch, into: gradients, adapter: runs[current].adapter, check: check)
        if let adapter = gradients.adapter { plan.mask(adapter) }
        let matrices = gradients.adapter?.parameters ?? []
        let norm = GradientNorm(matrices)
        // A gradient of exactly 0 is a model that answers nothing any more: factors so large that norms cut them to 0.
        if loss.isFinite, norm.value.isFinite, norm.value > 0 {
            let steps = epochSteps.reduce(0, +)
            let schedule = LearningRateSchedule(
                peak: runs[current].rate, warmUpSteps: max(1, steps / 16), totalSteps: steps)
            runs[current].optimizer.step(
                gradients: matrices,
                learningRate: Float(schedule.rate(atStep: runs[current].optimizer.steps)),
                gradientScale: norm.scale(toMaximum: settings.maximumGradientNorm))
            runs[current].epochLoss += loss
        } else {
            runs[current].hasDiverged = true
        }
        runs[current].stepInEpoch += 1
        runs[current].trainedTokens += batch.reduce(0) { $0 + rows[$1].tokenCount }
        stepsTaken += 1
        if runs[current].hasDiverged {
            runs[current].epoch += 1
            enter(.choose)
        } else if runs[current].stepInEpoch == batches.list.count {
            enter(.heldout)
        }
        return Progress(
            phase: "train", step: stepsTaken, of: totalSteps, loss: loss, gradientNorm: norm.value)
    }

    /// Gradients of one batch's loss; returns the loss.
    func accumulate(
        _ batch: [Int], into gradients: Gradients, adapter: LowRankAdapter, check: () throws -> Void
    ) throws -> Double {
        gradients.reset()
        let pieces = BatchPlan.cut(batch, lengths: rows.map(\.tokenCount), most: pieceTokens)
        let point = try referencePoint(of: batch, pieces: pieces, adapter: adapter, check: check)
        var loss = 0.0
        for piece in pieces {
            try check()
            loss += pass(piece, batchSize: batch.count, referencePoint: point, adapter: adapter, into: gradients)
        }
        return loss
    }
}
