import FineTuning
import Transformer

/// What a training will cost, from one timed step and one timed forward pass.
struct TrainEstimate {
    let context: JobContext
    let base: JobBase
    let rows: [TrainingRow]
    let heldout: [TrainingRow]
    let run: TrainingRun

    /// Writes `estimate.json`; throws `JobRefusal` where the limits do not allow the training.
    func write(rates: Int, epochs: Int) throws {
        // Each rate holds factors, two moments and the best factors; then gradients, a checkpoint, the export.
        let factors = run.factorCount * 4
        let own = factors * (4 * rates + 8)
        try context.refuseIfOver(cpuSeconds: 0, memoryBytes: JobProcess.dataBytes + own)
        // The first pass of a process also grows its scratch memory.
        try run.rehearse(check: context.check)
        let stepSeconds = try context.measure { try run.rehearse(check: context.check) }
        let pass = HeldoutPass(rows: heldout.isEmpty ? rows : heldout, tokens: 2 * base.pieceTokens)
        let passSeconds = context.measure {
            _ = pass.losses(0, model: base.model, adapters: [], workspace: base.workspace)
        }
        let perToken = passSeconds / Double(max(1, pass.tokenCount(piece: 0)))
        let passes = Double(rates + epochs + 1)
        let heldoutTokens = Double(heldout.reduce(0) { $0 + $1.tokenCount })
        let references = Double(run.referenceTokens)
        try context.refuseIfOver(
            cpuSeconds: context.cpuSeconds + 1.1
                * (Double(run.totalSteps) * stepSeconds + passes * heldoutTokens * perToken + references * perToken),
            memoryBytes: JobProcess.dataBytes / 10 * 11 + own)
    }
}
