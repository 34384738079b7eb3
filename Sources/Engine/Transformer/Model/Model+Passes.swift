package import Tensors

extension Model {
    /// Forward pass of a batch: log-probabilities of the scored tokens under the base with the adapters on top.
    package func evaluate(_ batch: PackedBatch, adapters: [LowRankAdapter] = [], workspace: Workspace) -> PassResult {
        fatalError("not yet")
    }

    /// Forward and backward pass. Gradients of the loss are added to `gradients`.
    ///
    /// - Parameters:
    ///   - frozen: an adapter below the trained one that stays as it is (the incumbent).
    ///   - trainables: what `gradients` was made for.
    ///   - scale: of the log-probabilities, in the batch's order, makes ∂loss/∂(negative log-probability) of each scored
    ///     token, for objectives that are not a weighted sum; nil: the batch's weights.
    package func gradients(
        of batch: PackedBatch, frozen: LowRankAdapter? = nil, trainables: Trainables, into gradients: Gradients,
        workspace: Workspace, scale: (([Float]) -> [Float])? = nil
    ) -> PassResult {
        fatalError("not yet")
    }

    /// Logits of every row `[rows, vocabulary]` and the residual stream before each layer, for comparison with other
    /// implementations.
    package func inspect(_ batch: PackedBatch, adapters: [LowRankAdapter] = [], workspace: Workspace) -> (
        logits: Matrix, hidden: [Matrix]
    ) {
        fatalError("not yet")
    }
}
