package import Tensors

/// Sums of gradients. A pass adds to them, so that a large batch may be computed in parts; `reset()` before the next.
package final class Gradients: Sendable {
    /// The gradients of the trained adapter's factors, in an adapter of the same shape.
    package let adapter: LowRankAdapter?
    /// The gradients of base weights, by their names in the checkpoint.
    package let weights: [String: Matrix]

    package init(for trainables: Trainables, of model: Model) {
        adapter = trainables.adapter?.zeros()
        var weights: [String: Matrix] = [:]
        for shape in model.configuration.weightShapes where trainables.weights.contains(shape.name) {
            weights[shape.name] = Matrix(rows: shape.rows, columns: shape.columns)
        }
        precondition(weights.count == trainables.weights.count, "a weight that the model does not have")
        self.weights = weights
    }

    package func reset() {
        for matrix in adapter?.parameters ?? [] { matrix.fill(0) }
        for matrix in weights.values { matrix.fill(0) }
    }
}
