/// What a forward pass found.
package struct PassResult: Sendable, Equatable {
    /// Σ weight · negative log-probability over the scored tokens, in nats.
    package var loss: Double
    /// Of each scored token, in the batch's order.
    package var logProbabilities: [Float]

    package init(loss: Double, logProbabilities: [Float]) {
        self.loss = loss
        self.logProbabilities = logProbabilities
    }

    /// Σ log-probability of one sequence's scored tokens.
    package func logLikelihood(ofSequence index: Int, in batch: PackedBatch) -> Double {
        logProbabilities[batch.scored[index]].reduce(0) { $0 + Double($1) }
    }
}
