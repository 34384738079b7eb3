import Tensors

/// The last norm, the projection to the vocabulary and the cross-entropy, only for the rows that are scored, a part of
/// them at a time, so that logits never exist for a whole batch.
struct HeadPass {
    let model: Model
    let pool: ThreadPool
    let arena: Arena
    let batch: PackedBatch

    private var rowsAtOnce: Int { max(64, (1 << 21) / model.configuration.vocabularySize) }

    private func parts() -> [Range<Int>] {
        stride(from: 0, to: batch.scoredRows.count, by: rowsAtOnce).map {
            $0..<min(batch.scoredRows.count, $0 + rowsAtOnce)
        }
    }

    /// The scored rows of the residual stream, their norm, and the norm's inverse roots.
    struct Scored {
        let rows: Matrix
        let normed: Matrix
        let inverse: Matrix
    }

    func gather(_ x: Matrix) -> Scored {
        let count = batch.scoredRows.count
        let rows = arena.matrix(count, x.columns)
        for (index, row) in batch.scoredRows.enumerated() { rows.assignRow(index, from: x, row: row) }
        let scored = Scored(
            rows: rows, normed: arena.matrix(count, x.columns), inverse: arena.matrix(1, count))
        pool.rmsNorm(
            rows, weight: model.weights.finalNorm, epsilon: model.configuration.normEpsilon, into: scored.normed,
            inverse: scored.inverse)
        return scored
    }

    /// Log-probabilities of the targets.
    func logProbabilities(_ scored: Scored) -> [Float] {
        let mark = arena.mark
        defer { arena.rewind(to: mark) }
        let losses = arena.matrix(1, scored.rows.rows)
        let logits = arena.matrix(min(rowsAtOnce, scored.rows.rows), model.configuration.vocabularySize)
        for part in parts() {
            let some = logits.rows(0..<part.count)
            pool.multiply(scored.normed.rows(part), model.weights.head, transposeSecond: true, into: some)
            pool.crossEntropy(some, targets: batch.targets[part], weights: nil, into: losses.columns(part))
        }
        return losses.values.map { -$0 }
    }

    /// Log-probabilities, and the gradient of Σ weight · (−log-probability) for the residual stream, added to `dx`.
    func backward(_ scored: Scored, weights: [Float], into dx: Matrix, gradients: Gradients) -> [Float] {
        let mark = arena.mark
        defer { arena.rewind(to: mark) }
        let count = scored.rows.rows
        let losses = arena.matrix(1, count)
        let dnormed = arena.matrix(count, scored.rows.columns)
        let logits = arena.matrix(min(rowsAtOnce, count), model.configuration.vocabularySize)
        let headName = model.configuration.tiesEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"
        for part in parts() {
            let some = logits.rows(0..<part.count)
            pool.multiply(scored.normed.rows(part), model.weights.head, transposeSecond: true, into: some)
            pool.crossEntropy(some, targets: batch.targets[part], weights: weights[part], into: losses.columns(part))
            pool.multiply(some, model.weights.head, into: dnormed.rows(part))
            if let dhead = gradients.weights[headName] {
                pool.multiply(some, scored.normed.rows(part), transposeFirst: true, into: dhead, beta: 1)
            }
        }
        let drows = arena.zeros(count, scored.rows.columns)
        pool.rmsNormBackward(
            scored.rows, weight: model.weights.finalNorm, inverse: scored.inverse, gradient: dnormed, into: drows,
            dweight: gradients.weights["model.norm.weight"])
        for (index, row) in batch.scoredRows.enumerated() {
            dx.rows(row..<row + 1).add(drows.rows(index..<index + 1))
        }
        return losses.values.map { -$0 }
    }
}
