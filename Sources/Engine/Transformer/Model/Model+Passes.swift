package import Tensors

extension Model {
    /// Forward pass of a batch: log-probabilities of the scored tokens under the base with the adapters on top.
    package func evaluate(_ batch: PackedBatch, adapters: [LowRankAdapter] = [], workspace: Workspace) -> PassResult {
        workspace.arena.reset()
        let (x, _, _) = forward(batch, adapters: adapters, workspace: workspace)
        let head = HeadPass(model: self, pool: workspace.pool, arena: workspace.arena, batch: batch)
        return Self.result(head.logProbabilities(head.gather(x)), weights: batch.weights)
    }

    /// Forward and backward pass. Gradients of the loss are added to `gradients`.
    ///
    /// - Parameters:
    ///   - frozen: an adapter below the trained one that stays as it is (the incumbent).
    ///   - trainables: what `gradients` was made for.
    ///   - weighting: of the log-probabilities, in the batch's order, makes ∂loss/∂(negative log-probability) of each
    ///     scored token, for objectives that are not a weighted sum; the loss returned is then Σ of these weights ·
    ///     negative log-probabilities. nil: the batch's weights.
    package func gradients(
        of batch: PackedBatch, frozen: LowRankAdapter? = nil, trainables: Trainables, into gradients: Gradients,
        workspace: Workspace, weighting: (([Float]) -> [Float])? = nil
    ) -> PassResult {
        let arena = workspace.arena
        arena.reset()
        let lowest = BackwardPass.lowestLayer(trainables, configuration: configuration)
        let adapters = [frozen, trainables.adapter].compactMap { $0 }
        let (x, pass, records) = forward(
            batch, adapters: adapters, workspace: workspace, recordFrom: max(0, lowest), trained: trainables.adapter)
        let head = HeadPass(model: self, pool: workspace.pool, arena: arena, batch: batch)
        let scored = head.gather(x)
        let weights = weighting.map { $0(head.logProbabilities(scored)) } ?? batch.weights
        precondition(weights.count == batch.weights.count)
        let dx = arena.zeros(batch.rowCount, configuration.hiddenSize)
        let logProbabilities = head.backward(scored, weights: weights, into: dx, gradients: gradients)
        let backward = BackwardPass(
            forward: pass,
            attention: BatchAttention(
                batch: batch, configuration: configuration, pool: workspace.pool, arena: arena),
            frozen: frozen, trainables: trainables, gradients: gradients)
        var reachesEmbedding = true
        for layer in stride(from: configuration.layerCount - 1, through: max(0, lowest), by: -1) {
            guard let record = records[layer] else { preconditionFailure("the layer was not recorded") }
            reachesEmbedding = backward.layer(layer, lowest: lowest, record: record, dx: dx)
            if !reachesEmbedding { break }
        }
        if reachesEmbedding, let dembedding = gradients.weights["model.embed_tokens.weight"] {
            for (row, token) in batch.tokens.enumerated() {
                dembedding.rows(Int(token)..<Int(token) + 1).add(dx.rows(row..<row + 1))
            }
        }
        return Self.result(logProbabilities, weights: weights)
    }

    /// Logits of every row `[rows, vocabulary]` and the residual stream before each layer, for comparison with other
    /// implementations.
    package func inspect(_ batch: PackedBatch, adapters: [LowRankAdapter] = [], workspace: Workspace) -> (
        logits: Matrix, hidden: [Matrix]
    ) {
        workspace.arena.reset()
        var hidden: [Matrix] = []
        let (x, pass, _) = forward(batch, adapters: adapters, workspace: workspace) { hidden.append($0.copy()) }
        let normed = Matrix(rows: x.rows, columns: x.columns)
        pass.pool.rmsNorm(
            x, weight: weights.finalNorm, epsilon: configuration.normEpsilon, into: normed,
            inverse: Matrix(rows: 1, columns: x.rows))
        let logits = Matrix(rows: x.rows, columns: configuration.vocabularySize)
        pass.pool.multiply(normed, weights.head, transposeSecond: true, into: logits)
        return (logits, hidden)
    }

    private static func result(_ logProbabilities: [Float], weights: [Float]) -> PassResult {
        var loss = 0.0
        for (logProbability, weight) in zip(logProbabilities, weights) {
            loss -= Double(logProbability) * Double(weight)
        }
        return PassResult(loss: loss, logProbabilities: logProbabilities)
    }

    /// All layers, recording from one of them on. Returns the residual stream after the last.
    private func forward(
        _ batch: PackedBatch, adapters: [LowRankAdapter], workspace: Workspace, recordFrom: Int? = nil,
        trained: LowRankAdapter? = nil, beforeLayer: (Matrix) -> Void = { _ in }
    ) -> (x: Matrix, pass: LayerPass, records: [LayerRecord?]) {
        let arena = workspace.arena
        let pass = LayerPass(
            model: self, workspace: workspace, positions: batch.positions,
            adapters: adapters.map { AdapterRows(adapter: $0, rows: 0..<batch.rowCount) })
        let attention = BatchAttention(
            batch: batch, configuration: configuration, pool: workspace.pool, arena: arena)
        var x = pass.embed(batch.tokens)
        var records: [LayerRecord?] = []
        for layer in 0..<configuration.layerCount {
            beforeLayer(x)
            let record = recordFrom.map { layer >= $0 } ?? false ? LayerRecord(trained: trained) : nil
            let mark = arena.mark
            let all = pass.attentionInputs(layer, x, record: record)
            let attended = arena.matrix(x.rows, configuration.queryWidth)
            attention.forward(layer, all, into: attended, record: record)
            if let record {
                record.input = x
                record.attended = attended
                let middle = arena.matrix(x.rows, x.columns)
                middle.assign(x)
                pass.addOutput(layer, attended, to: middle, record: record)
                record.middle = middle
                let out = arena.matrix(x.rows, x.columns)
                out.assign(middle)
                pass.addFeedForward(layer, middle, into: out, record: record)
                x = out
            } else {
                pass.addOutput(layer, attended, to: x, record: nil)
                pass.addFeedForward(layer, x, into: x, record: nil)
                arena.rewind(to: mark)
            }
            records.append(record)
        }
        return (x, pass, records)
    }
}
