package import Transformer

/// A forward pass over rows in pieces, so that it can be interrupted and taken up again between any two.
package struct HeldoutPass: Sendable {
    private let runs: [[Int]]
    private let rows: [TrainingRow]

    /// - Parameter tokens: most tokens of a piece.
    package init(rows: [TrainingRow], tokens: Int) {
        self.rows = rows
        runs = BatchPlan.inOrder(lengths: rows.map(\.tokenCount), most: tokens)
    }

    package var pieceCount: Int { runs.count }

    package func tokenCount(piece: Int) -> Int { runs[piece].reduce(0) { $0 + rows[$1].tokenCount } }

    /// Log-likelihood of each row's scored tokens, in nats, for the rows of one piece.
    package func piece(
        _ index: Int, model: Model, adapters: [LowRankAdapter], workspace: Workspace
    ) -> [(row: Int, logLikelihood: Double)] {
        let batch = PackedBatch(runs[index].map { rows[$0].sequence(tokenWeight: 1) })
        let result = model.evaluate(batch, adapters: adapters, workspace: workspace)
        return runs[index].enumerated().map { place, row in
            (row, result.logLikelihood(ofSequence: place, in: batch))
        }
    }

    /// Adds the weighted losses of one piece's rows to two sums: of the rows in `range`, and of the others. A row's loss
    /// is its mean over scored tokens.
    package func addLosses(
        _ index: Int, of range: Range<Int>, to sums: inout LossSums, others: inout LossSums, model: Model,
        adapters: [LowRankAdapter], workspace: Workspace
    ) {
        for (row, logLikelihood) in piece(index, model: model, adapters: adapters, workspace: workspace) {
            let loss = -logLikelihood / Double(rows[row].scoredCount)
            if range.contains(row) {
                sums.add(loss, weight: rows[row].weight)
            } else {
                others.add(loss, weight: rows[row].weight)
            }
        }
    }

    /// The weighted losses of one piece.
    package func losses(
        _ index: Int, model: Model, adapters: [LowRankAdapter], workspace: Workspace
    ) -> LossSums {
        var (sums, none) = (LossSums(), LossSums())
        addLosses(
            index, of: 0..<rows.count, to: &sums, others: &none, model: model, adapters: adapters,
            workspace: workspace)
        return sums
    }
}
