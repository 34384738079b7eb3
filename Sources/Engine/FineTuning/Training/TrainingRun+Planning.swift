package import Transformer

/// What others ask about a training, to say what it will cost and what it was.
extension TrainingRun {
    package var frozenAdapter: LowRankAdapter? { plan.frozen }
    package var continuesIncumbent: Bool { plan.continuesIncumbent }
    package var trainedParameters: Int { plan.parameterCount(model.configuration) }

    /// Numbers of the trained factors, those that stay one-hot included.
    package var factorCount: Int { plan.start.parameterCount }

    /// Rows of the first step.
    package var firstBatch: [TrainingRow] { firstBatchIndices.map { rows[$0] } }

    /// Tokens of forward passes that preferences need, in passes of the incumbent's cost.
    package var referenceTokens: Int {
        guard settings.objective != .supervised else { return 0 }
        let all = rows.reduce(0) { $0 + $1.tokenCount }
        return all * (1 + 2 * (settings.learningRates.count + settings.epochs - 1))
    }

    /// Does what a step does, without its update.
    package func rehearse(check: () throws -> Void) throws {
        let adapter = plan.start
        _ = try accumulate(
            firstBatchIndices, into: Gradients(for: Trainables(adapter: adapter), of: model), adapter: adapter,
            check: check)
    }

    private var firstBatchIndices: [Int] {
        BatchPlan.epoch(
            lengths: rows.map(\.tokenCount), batchTokens: settings.batchTokens, seed: settings.seed, epoch: 0)[0]
    }
}
