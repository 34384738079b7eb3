/// A linear map of the model, by layer and projection: `layers.6.mlp.down_proj`.
package struct ModulePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var layer: Int
    package var projection: Projection

    package init(layer: Int, projection: Projection) {
        self.layer = layer
        self.projection = projection
    }

    /// Reads the path below `model.`; anything else is nil.
    package init?(_ name: some StringProtocol) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "layers", let layer = Int(parts[1]), layer >= 0,
            parts[1] == Substring(String(layer)), let projection = Projection(name: parts[3]),
            parts[2] == projection.block[...]
        else { return nil }
        self.init(layer: layer, projection: projection)
    }

    package var description: String { "layers.\(layer).\(projection.block).\(projection.name)" }

    /// The name of the weight in a checkpoint.
    package var weightName: String { "model.\(description).weight" }
    package var biasName: String { "model.\(description).bias" }

    package static func < (first: Self, second: Self) -> Bool {
        (first.layer, first.projection) < (second.layer, second.projection)
    }
}
