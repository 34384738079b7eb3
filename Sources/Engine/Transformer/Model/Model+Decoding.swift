package import Tensors

extension Model {
    /// One decoding step of several sequences at once: takes each one's next tokens into its cache and gives the logits
    /// after its last token, a row for each slice in the order given.
    ///
    /// Sequences may have different lengths, different numbers of new tokens and different adapters; a cache occurs once,
    /// and has room for the tokens. The result is scratch memory of the workspace, valid until its next pass.
    package func step(_ slices: [SequenceSlice], workspace: Workspace) -> Matrix {
        let arena = workspace.arena
        arena.reset()
        let logits = arena.matrix(slices.count, configuration.vocabularySize)
        guard !slices.isEmpty else { return logits }
        let plan = DecodingPlan(slices)
        let pass = LayerPass(
            model: self, workspace: workspace, positions: plan.positions, adapters: plan.adapterRows)
        let last = configuration.layerCount - 1
        let x = pass.embed(plan.tokens)
        for layer in 0..<last {
            let mark = arena.mark
            let all = pass.attentionInputs(layer, x, record: nil)
            let attended = arena.matrix(x.rows, configuration.queryWidth)
            plan.attend(layer, all, into: attended, pass: pass, lastOnly: false)
            pass.addOutput(layer, attended, to: x, record: nil)
            pass.addFeedForward(layer, x, into: x, record: nil)
            arena.rewind(to: mark)
        }
        // In the last layer only the rows whose logits are wanted go on after their keys and values are stored.
        let all = pass.attentionInputs(last, x, record: nil)
        let attended = arena.matrix(slices.count, configuration.queryWidth)
        plan.attend(last, all, into: attended, pass: pass, lastOnly: true)
        let ends = arena.matrix(slices.count, x.columns)
        for (index, row) in plan.lastRows.enumerated() { ends.assignRow(index, from: x, row: row) }
        let short = LayerPass(
            model: self, workspace: workspace, positions: [], adapters: plan.adapterSlices)
        short.addOutput(last, attended, to: ends, record: nil)
        short.addFeedForward(last, ends, into: ends, record: nil)
        let normed = arena.matrix(slices.count, x.columns)
        workspace.pool.rmsNorm(
            ends, weight: weights.finalNorm, epsilon: configuration.normEpsilon, into: normed,
            inverse: arena.matrix(1, slices.count))
        let sorted = arena.matrix(slices.count, configuration.vocabularySize)
        workspace.pool.multiply(normed, weights.head, transposeSecond: true, into: sorted)
        for slice in slices { slice.cache.count += slice.tokens.count }
        if plan.isInOrder { return sorted }
        for (index, original) in plan.order.enumerated() { logits.assignRow(original, from: sorted, row: index) }
        return logits
    }
}
