import Transformer

extension TrainingRun {
    /// Gradients of one piece of a batch, added to `gradients`; returns its share of the batch's loss.
    func pass(
        _ piece: [Int], batchSize: Int, referencePoint: Double, adapter: LowRankAdapter, into gradients: Gradients
    ) -> Double {
        let shares = piece.map { rows[$0].weight / meanWeight / Double(batchSize) }
        let trainables = Trainables(adapter: adapter)
        guard settings.objective != .supervised else {
            let batch = PackedBatch(
                zip(piece, shares).map { row, share in
                    rows[row].sequence(tokenWeight: Float(share / Double(rows[row].scoredCount)))
                })
            return model.gradients(
                of: batch, frozen: plan.frozen, trainables: trainables, into: gradients, workspace: workspace
            ).loss
        }
        let batch = PackedBatch(piece.map { rows[$0].sequence(tokenWeight: 1) })
        var loss = 0.0
        _ = model.gradients(
            of: batch, frozen: plan.frozen, trainables: trainables, into: gradients, workspace: workspace
        ) { logProbabilities in
            var scales = [Float](repeating: 0, count: logProbabilities.count)
            for (place, row) in piece.enumerated() {
                let range = batch.scored[place]
                let term = self.term(
                    row: row, logLikelihood: logProbabilities[range].reduce(0) { $0 + Double($1) },
                    referencePoint: referencePoint)
                loss += shares[place] * term.loss
                for index in range { scales[index] = Float(shares[place] * term.slope) }
            }
            return scales
        }
        return loss
    }

    /// A row's loss under an objective with preferences, and its derivative with respect to −log π of each token.
    private func term(row: Int, logLikelihood: Double, referencePoint: Double) -> (loss: Double, slope: Double) {
        let reward = logLikelihood - reference[row]
        let desirable = rows[row].desirable
        var loss = settings.kto.loss(reward: reward, referencePoint: referencePoint, desirable: desirable)
        var slope = -settings.kto.slope(reward: reward, referencePoint: referencePoint, desirable: desirable)
        if settings.objective == .both, desirable {
            let tokens = Double(rows[row].scoredCount)
            loss -= logLikelihood / tokens
            slope += 1 / tokens
        }
        return (loss, slope)
    }

    /// z₀ of a batch: each row's prompt with the next row's answer, under the candidate and under the incumbent.
    func referencePoint(
        of batch: [Int], pieces: [[Int]], adapter: LowRankAdapter, check: () throws -> Void
    ) throws -> Double {
        guard settings.objective != .supervised, batch.count > 1 else { return 0 }
        let next = Dictionary(
            uniqueKeysWithValues: zip(batch, batch.dropFirst() + batch.prefix(1)))
        let incumbent = [plan.frozen, plan.start].compactMap(\.self)
        let candidate = [plan.frozen, adapter].compactMap(\.self)
        var rewards: [Double] = []
        for piece in pieces {
            try check()
            let mismatched = PackedBatch(
                piece.map { row in rows[row].mismatched(with: rows[next[row] ?? row]) })
            let mine = model.evaluate(mismatched, adapters: candidate, workspace: workspace)
            let theirs = model.evaluate(mismatched, adapters: incumbent, workspace: workspace)
            for place in piece.indices {
                rewards.append(
                    mine.logLikelihood(ofSequence: place, in: mismatched)
                        - theirs.logLikelihood(ofSequence: place, in: mismatched))
            }
        }
        return KahnemanTversky.referencePoint(rewards)
    }
}
