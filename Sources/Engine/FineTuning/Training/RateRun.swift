import Tensors
import Transformer

/// One learning rate's training so far.
struct RateRun {
    let rate: Double
    let adapter: LowRankAdapter
    let optimizer: AdamW
    /// Steps taken in the current epoch.
    var stepInEpoch = 0
    var epoch = 0
    /// Set when a loss, a gradient or a held-out loss was not finite; the run then stands still.
    var hasDiverged = false
    /// Sum and number of step losses of the current epoch.
    var epochLoss = 0.0
    /// Held-out loss after each finished epoch (mean training loss where there are no held-out rows).
    var losses: [Double] = []
    var best: LowRankAdapter?
    var bestLoss = Double.infinity
    var trainedTokens = 0

    init(rate: Double, start: LowRankAdapter) {
        self.rate = rate
        adapter = start.copy()
        // No decay: a candidate is judged by what it changes, and decay of factors would undo what the incumbent learnt.
        optimizer = AdamW(parameters: adapter.parameters, settings: AdamW.Settings(weightDecay: 0))
    }

    var isFinite: Bool { adapter.parameters.allSatisfy(\.isFinite) }

    func write(to writer: inout StateWriter) {
        for matrices in [adapter.parameters, optimizer.firstMoments, optimizer.secondMoments] {
            for matrix in matrices { writer.write(matrix.values) }
        }
        writer.write(optimizer.steps)
        writer.write(stepInEpoch)
        writer.write(epoch)
        writer.write(hasDiverged)
        writer.write(epochLoss)
        writer.write(losses)
        writer.write(bestLoss)
        writer.write(trainedTokens)
        writer.write(best != nil)
        for matrix in best?.parameters ?? [] { writer.write(matrix.values) }
    }

    mutating func read(from reader: inout StateReader) throws(StateError) {
        for matrices in [adapter.parameters, optimizer.firstMoments, optimizer.secondMoments] {
            try Self.read(matrices, from: &reader)
        }
        optimizer.steps = try reader.readInt()
        stepInEpoch = try reader.readInt()
        epoch = try reader.readInt()
        hasDiverged = try reader.readBool()
        epochLoss = try reader.readDouble()
        losses = try reader.readDoubles()
        bestLoss = try reader.readDouble()
        trainedTokens = try reader.readInt()
        if try reader.readBool() {
            let copy = adapter.copy()
            try Self.read(copy.parameters, from: &reader)
            best = copy
        }
    }

    private static func read(_ matrices: [Matrix], from reader: inout StateReader) throws(StateError) {
        for matrix in matrices {
            let values = try reader.readFloats()
            guard values.count == matrix.count else { throw StateError() }
            matrix.assign(Matrix(rows: matrix.rows, columns: matrix.columns, values: values))
        }
    }
}
