import Tensors

/// What the forward pass of one layer leaves for its backward pass: what cannot be had again cheaply. Norms and
/// activations are computed once more instead.
final class LayerRecord {
    /// The adapter under training, whose inner products are kept.
    let trained: LowRankAdapter?
    /// The residual stream before the layer, and between attention and feed-forward.
    var input: Matrix?
    var middle: Matrix?
    var attentionInverse: Matrix?
    var queryKeyValue: Matrix?
    var beforeHeadNorms: Matrix?
    var headInverses: Matrix?
    /// For each segment, `[heads · rows, keys]`.
    var probabilities: [Matrix] = []
    var attended: Matrix?
    var feedForwardInverse: Matrix?
    var gateUp: Matrix?
    /// A x of the trained adapter, by projection.
    var inner = [Matrix?](repeating: nil, count: Projection.allCases.count)

    init(trained: LowRankAdapter?) {
        self.trained = trained
    }
}
