import Tensors
package import Transformer

/// What a training holds still and what it changes.
///
/// A candidate is trained on top of the incumbent. With the selection that the incumbent was last trained with, its own
/// last factors are continued; with another one the incumbent stays as it is, and new factors are appended that start
/// at no change (A random, B zero). Outside the selection the change from incumbent to candidate is zero either way.
package struct CandidatePlan {
    /// The incumbent, or what of it is not continued; nil where there is nothing below the trained factors.
    package let frozen: LowRankAdapter?
    /// The trained factors at the start. Their scale is 2, as in a LoRA whose alpha is twice its rank.
    package let start: LowRankAdapter
    package let modules: [TunedModule]
    package let continuesIncumbent: Bool

    /// ΔW = 2 · B · A: a power of two, so that folding it into B and out again is exact.
    static let scale: Float = 2

    /// - Parameters:
    ///   - incumbent: its factors, without padding.
    ///   - lineage: what is known about the incumbent's last training.
    ///   - seed: of the random start.
    /// - Throws: `SelectionError` where the selection does not fit the model, a budget or the rank.
    package init(
        modules: [TunedModule], incumbent: LowRankAdapter?, lineage: AdapterLineage?,
        configuration: ModelConfiguration, parameterBudget: Int, maximumRank: Int, seed: UInt64
    ) throws(SelectionError) {
        let modules = modules.sorted { $0.path < $1.path }
        try Self.check(modules, configuration, parameterBudget, maximumRank)
        self.modules = modules
        if let incumbent, let lineage, Self.matches(lineage, modules, incumbent) {
            (frozen, start) = Self.split(incumbent, lineage)
            continuesIncumbent = true
        } else {
            frozen = incumbent
            start = Self.fresh(modules, configuration, seed)
            continuesIncumbent = false
        }
    }

    /// Numbers that are trained.
    package func parameterCount(_ configuration: ModelConfiguration) -> Int {
        modules.reduce(0) { sum, module in
            let shape = configuration.shape(of: module.path.projection)
            return sum + module.parameterCount(outputs: shape.outputs, inputs: shape.inputs)
        }
    }

    /// Sets to zero the gradients of factors that are one-hot by construction.
    package func mask(_ gradients: LowRankAdapter) {
        for module in modules where module.totalRank > module.rank {
            guard let factors = gradients.modules[module.path] else { continue }
            let firstColumn = module.rank + module.rows.count
            // Rows: B is one-hot and stays. Columns: A is.
            factors.b.columns(module.rank..<firstColumn).fill(0)
            factors.a.rows(firstColumn..<module.totalRank).fill(0)
        }
    }

    /// The candidate as one adapter: the frozen factors, then the trained ones, with what is known of them.
    ///
    /// Where a module's rank passes `maximumRank` it is replaced by the nearest of that rank (singular value
    /// decomposition), and `residual` is the largest share of a module's norm that was lost.
    package func export(
        _ trained: LowRankAdapter, maximumRank: Int
    ) -> (adapter: LowRankAdapter, lineage: AdapterLineage, residual: Double) {
        let folded = trained.foldingScale()
        let whole = frozen.map { $0.foldingScale().appending(folded) } ?? folded
        guard whole.maximumRank > maximumRank else {
            let parts = modules.map { module in
                AdapterLineage.Part(
                    module: module.path.description,
                    start: frozen?.modules[module.path]?.rank ?? 0, rank: module.rank, rows: module.rows,
                    columns: module.columns)
            }
            return (whole, AdapterLineage(trained: parts), 0)
        }
        let (adapter, residuals) = whole.truncated(toRank: maximumRank)
        return (adapter, AdapterLineage(trained: []), residuals.values.max() ?? 0)
    }

    // MARK: Parts of the start

    private static func check(
        _ modules: [TunedModule], _ configuration: ModelConfiguration, _ budget: Int, _ maximumRank: Int
    ) throws(SelectionError) {
        guard !modules.isEmpty else { throw SelectionError("The selection names no module.") }
        var parameters = 0
        for (index, module) in modules.enumerated() {
            guard index == 0 || modules[index - 1].path != module.path else {
                throw SelectionError("The selection names \(module.path) twice.")
            }
            guard module.path.layer < configuration.layerCount else {
                throw SelectionError(
                    "The selection names \(module.path), and the base has \(configuration.layerCount) layers.")
            }
            let shape = configuration.shape(of: module.path.projection)
            guard module.totalRank >= 1, module.totalRank <= min(maximumRank, shape.outputs, shape.inputs) else {
                throw SelectionError(
                    "The selection gives \(module.path) rank \(module.totalRank), rows and columns included; "
                        + "at least 1 and at most \(min(maximumRank, shape.outputs, shape.inputs)) fit.")
            }
            for (name, indices, limit) in [
                ("row", module.rows, shape.outputs), ("column", module.columns, shape.inputs),
            ] {
                guard Set(indices).count == indices.count, indices.allSatisfy({ $0 >= 0 && $0 < limit }) else {
                    throw SelectionError(
                        "A \(name) of \(module.path) is named twice or is not in 0..<\(limit).")
                }
            }
            parameters += module.parameterCount(outputs: shape.outputs, inputs: shape.inputs)
        }
        guard parameters <= budget else {
            throw SelectionError("The selection has \(parameters) parameters, the budget is \(budget).")
        }
    }

    /// Whether the incumbent's last training had this very selection and its factors are still as it left them.
    private static func matches(
        _ lineage: AdapterLineage, _ modules: [TunedModule], _ incumbent: LowRankAdapter
    ) -> Bool {
        guard lineage.v == 1, lineage.trained.count == modules.count else { return false }
        return zip(lineage.trained, modules).allSatisfy { part, module in
            guard let factors = incumbent.modules[module.path] else { return false }
            return part.module == module.path.description && part.rank == module.rank && part.rows == module.rows
                && part.columns == module.columns && part.start >= 0
                && part.start + part.totalRank == factors.rank
        }
    }

    private static func split(
        _ incumbent: LowRankAdapter, _ lineage: AdapterLineage
    ) -> (frozen: LowRankAdapter?, start: LowRankAdapter) {
        var frozen = incumbent.modules
        var start: [ModulePath: LowRankFactors] = [:]
        for part in lineage.trained {
            guard let path = ModulePath(part.module), let factors = incumbent.modules[path] else { continue }
            let a = factors.a.rows(part.start..<factors.rank).copy()
            let b = factors.b.columns(part.start..<factors.rank).copy()
            b.multiply(by: factors.scale / scale)
            start[path] = LowRankFactors(a: a, b: b, scale: scale)
            frozen[path] =
                part.start == 0
                ? nil
                : LowRankFactors(
                    a: factors.a.rows(0..<part.start).copy(), b: factors.b.columns(0..<part.start).copy(),
                    scale: factors.scale)
        }
        return (frozen.isEmpty ? nil : LowRankAdapter(modules: frozen), LowRankAdapter(modules: start))
    }

    private static func fresh(
        _ modules: [TunedModule], _ configuration: ModelConfiguration, _ seed: UInt64
    ) -> LowRankAdapter {
        let random = LowRankAdapter.initial(
            ranks: Dictionary(uniqueKeysWithValues: modules.map { ($0.path, $0.totalRank) }),
            configuration: configuration, scale: scale, seed: seed)
        for module in modules where module.totalRank > module.rank {
            guard let factors = random.modules[module.path] else { continue }
            factors.a.rows(module.rank..<module.totalRank).fill(0)
            for (offset, row) in module.rows.enumerated() { factors.b[row, module.rank + offset] = 1 }
            for (offset, column) in module.columns.enumerated() {
                factors.a[module.rank + module.rows.count + offset, column] = 1
            }
        }
        return random
    }
}

extension LowRankAdapter {
    /// The same change with the scale folded into B.
    func foldingScale() -> LowRankAdapter {
        LowRankAdapter(
            modules: modules.mapValues { factors in
                guard factors.scale != 1 else { return factors }
                let b = factors.b.copy()
                b.multiply(by: factors.scale)
                return LowRankFactors(a: factors.a, b: b)
            })
    }

    /// Without ranks that change nothing at the end of a module's factors (both halves zero), as padding to a uniform
    /// rank leaves them, and without modules of which nothing is left.
    package func withoutPadding() -> LowRankAdapter {
        var kept: [ModulePath: LowRankFactors] = [:]
        for (path, factors) in modules {
            var rank = factors.rank
            while rank > 0, factors.a.rows(rank - 1..<rank).sumOfMagnitudes == 0,
                factors.b.columns(rank - 1..<rank).copy().sumOfMagnitudes == 0
            {
                rank -= 1
            }
            if rank > 0 {
                kept[path] = LowRankFactors(
                    a: factors.a.rows(0..<rank).copy(), b: factors.b.columns(0..<rank).copy(), scale: factors.scale)
            }
        }
        return LowRankAdapter(modules: kept)
    }
}
