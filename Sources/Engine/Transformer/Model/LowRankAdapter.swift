package import Tensors

/// A trained change of the model: low-rank factors for some of its linear maps, applied beside the weights and never
/// merged into them. Two adapters are the same when they are the same object.
///
/// The factors' numbers are written only by the trainer that owns the adapter; an adapter that serves is not changed.
package final class LowRankAdapter: Sendable {
    package let modules: [ModulePath: LowRankFactors]
    /// `table[layer · 7 + projection]`, for the passes.
    private let table: [LowRankFactors?]

    package init(modules: [ModulePath: LowRankFactors]) {
        self.modules = modules
        let layers = (modules.keys.map(\.layer).max() ?? -1) + 1
        var table = [LowRankFactors?](repeating: nil, count: layers * Projection.allCases.count)
        for (path, factors) in modules {
            table[path.layer * Projection.allCases.count + path.projection.rawValue] = factors
        }
        self.table = table
    }

    package func factors(_ layer: Int, _ projection: Projection) -> LowRankFactors? {
        let index = layer * Projection.allCases.count + projection.rawValue
        return index < table.count ? table[index] : nil
    }

    /// The paths in order of layer and projection.
    package var paths: [ModulePath] { modules.keys.sorted() }

    /// A and B of every module in order of path: what an optimiser trains.
    package var parameters: [Matrix] {
        paths.flatMap { path in modules[path].map { [$0.a, $0.b] } ?? [] }
    }

    package var parameterCount: Int { modules.values.reduce(0) { $0 + $1.a.count + $1.b.count } }
    package var maximumRank: Int { modules.values.map(\.rank).max() ?? 0 }

    /// The lowest layer that the adapter changes; nil when it changes none.
    package var lowestLayer: Int? { modules.keys.map(\.layer).min() }

    /// The same adapter with numbers of its own.
    package func copy() -> LowRankAdapter {
        LowRankAdapter(
            modules: modules.mapValues { LowRankFactors(a: $0.a.copy(), b: $0.b.copy(), scale: $0.scale) })
    }

    /// An adapter of the same shape with zeros, for gradients.
    package func zeros() -> LowRankAdapter {
        LowRankAdapter(
            modules: modules.mapValues {
                LowRankFactors(
                    a: Matrix(rows: $0.a.rows, columns: $0.a.columns),
                    b: Matrix(rows: $0.b.rows, columns: $0.b.columns), scale: $0.scale)
            })
    }

    /// A new adapter as LoRA starts: A uniform in ±1/√in (the reference implementation's Kaiming start), B zero, so that
    /// nothing changes yet. The same seed gives the same numbers.
    package static func initial(
        ranks: [ModulePath: Int], configuration: ModelConfiguration, scale: Float = 1, seed: UInt64
    ) -> LowRankAdapter {
        var modules: [ModulePath: LowRankFactors] = [:]
        for path in ranks.keys.sorted() {
            guard let rank = ranks[path], rank > 0 else { continue }
            let shape = configuration.shape(of: path.projection)
            // Each module has a stream of its own, so that a module's start does not depend on which others are there.
            var generator = RandomStream(seed: seed &+ UInt64(path.layer * 16 + path.projection.rawValue))
            let bound = 1 / Float(shape.inputs).squareRoot()
            let a = Matrix(
                rows: rank, columns: shape.inputs,
                values: (0..<rank * shape.inputs).map { _ in (2 * generator.nextUnit() - 1) * bound })
            modules[path] = LowRankFactors(a: a, b: Matrix(rows: shape.outputs, columns: rank), scale: scale)
        }
        return LowRankAdapter(modules: modules)
    }
}
