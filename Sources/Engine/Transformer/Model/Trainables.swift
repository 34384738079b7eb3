/// What a backward pass computes gradients for.
package struct Trainables: Sendable {
    /// The adapter under training, applied on top of the frozen one.
    package var adapter: LowRankAdapter?
    /// Weights of the base, by their names in the checkpoint, for example `model.layers.0.mlp.up_proj.weight`.
    package var weights: Set<String>

    package init(adapter: LowRankAdapter? = nil, weights: Set<String> = []) {
        self.adapter = adapter
        self.weights = weights
    }

    /// The weights of some linear maps, as impact measurement asks for.
    package static func weights(of modules: some Sequence<ModulePath>) -> Trainables {
        Trainables(weights: Set(modules.map(\.weightName)))
    }
}
