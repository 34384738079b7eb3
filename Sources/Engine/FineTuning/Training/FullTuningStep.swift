import Tensors
package import Transformer

/// A step of full fine-tuning, for comparison: what a batch costs when every weight has a gradient and an AdamW update.
///
/// It works on copies of the weights; only its time is of interest. The buffers are made beforehand, so that a
/// measurement of `run` counts the step alone.
package final class FullTuningStep {
    private let model: Model
    private let trainables: Trainables
    private let gradients: Gradients
    private let ordered: [Matrix]
    private let optimizer: AdamW

    /// Bytes that it takes beside the model: weights, gradients and two moments.
    package static func memoryBytes(_ configuration: ModelConfiguration) -> Int { configuration.parameterCount * 16 }

    package init(model: Model) {
        self.model = model
        let names = model.configuration.weightShapes.map(\.name)
        trainables = Trainables(weights: Set(names))
        let gradients = Gradients(for: trainables, of: model)
        self.gradients = gradients
        ordered = names.compactMap { gradients.weights[$0] }
        optimizer = AdamW(parameters: names.compactMap { model.weights.weight(named: $0)?.copy() })
    }

    /// Does the step for the rows of one batch.
    /// - Parameter check: called between passes; what it throws is thrown.
    package func run(
        _ rows: [TrainingRow], pieceTokens: Int, frozen: LowRankAdapter?, workspace: Workspace,
        check: () throws -> Void
    ) throws {
        gradients.reset()
        for piece in BatchPlan.cut(Array(rows.indices), lengths: rows.map(\.tokenCount), most: pieceTokens) {
            try check()
            let batch = PackedBatch(
                piece.map { rows[$0].sequence(tokenWeight: 1 / Float(rows.count * rows[$0].scoredCount)) })
            _ = model.gradients(
                of: batch, frozen: frozen, trainables: trainables, into: gradients, workspace: workspace)
        }
        optimizer.step(
            gradients: ordered, learningRate: 1e-5, gradientScale: GradientNorm(ordered).scale(toMaximum: 1))
    }
}
