import Contracts
import FineTuning
import ImpactMaps
import Transformer
import Values

/// Carries out a job of kind `impact`.
struct ImpactJob {
    let context: JobContext
    let base: JobBase
    let request: JobDescription.Impact

    func run() throws {
        let examples = try context.directory.readExamples(.train)
        let prepared = try base.rows(examples.filter { $0.desirable && $0.weight > 0 }, of: .train)
        guard !prepared.rows.isEmpty else {
            throw JobFailure("\(ExampleSet.train.path) has no row with a desirable answer to measure impact on.")
        }
        let measurement = ImpactMeasurement(
            model: base.model, frozen: try base.adapter(context.job.incumbent), rows: prepared.rows,
            maximumMessages: request.maximumMessages, foldCount: request.folds, pieceTokens: base.pieceTokens)
        let gradientBytes = base.model.configuration.parameterCount * 4
        var folds: [[Double]] = []
        if let resumed = context.resumed, resumed.phase == "impact" {
            var reader = StateReader(resumed.state)
            for _ in 0..<(try reader.readInt()) { folds.append(try reader.readDoubles()) }
        } else {
            try estimate(prepared.rows, measurement, gradientBytes: gradientBytes)
        }
        let gradients = measurement.makeGradients()
        while folds.count < measurement.foldCount {
            try context.stopIfAsked(phase: "impact", state: state(folds))
            do {
                folds.append(
                    try measurement.scores(
                        fold: folds.count, gradients: gradients, workspace: base.workspace, check: context.check))
            } catch let interruption as JobInterruption {
                try context.leave(interruption, phase: "impact", state: state(folds))
            }
            try context.report(phase: "impact", step: folds.count, of: measurement.foldCount, always: true)
            try context.checkpointIfDue(phase: "impact") { state(folds) }
        }
        let map: ImpactMap
        do { map = try measurement.map(folds: folds) } catch { throw JobFailure("\(error)") }
        try publish(map, measurement, truncated: prepared.truncated)
    }

    private func state(_ folds: [[Double]]) -> [UInt8] {
        var writer = StateWriter()
        writer.write(folds.count)
        for fold in folds { writer.write(fold) }
        return writer.bytes
    }

    /// A forward pass is timed; with the backward pass of all weights a row costs three times that.
    private func estimate(_ rows: [TrainingRow], _ measurement: ImpactMeasurement, gradientBytes: Int) throws {
        try context.refuseIfOver(cpuSeconds: 0, memoryBytes: JobProcess.dataBytes + gradientBytes)
        let probe = HeldoutPass(rows: Array(rows.prefix(64)), tokens: base.pieceTokens)
        let seconds = context.measure {
            _ = probe.losses(0, model: base.model, adapters: [], workspace: base.workspace)
        }
        let tokens = probe.tokenCount(piece: 0)
        let mean = Double(rows.reduce(0) { $0 + $1.tokenCount }) / Double(rows.count)
        try context.refuseIfOver(
            cpuSeconds: context.cpuSeconds
                + 3.2 * seconds / Double(tokens) * mean * Double(measurement.messageCount),
            memoryBytes: JobProcess.dataBytes + gradientBytes + gradientBytes / 8)
    }

    private func publish(_ map: ImpactMap, _ measurement: ImpactMeasurement, truncated: Int) throws {
        let report = ImpactReport(
            modules: map.modules.map {
                ImpactReport.Module(
                    name: $0.name, score: $0.score, standardError: $0.standardError.isFinite ? $0.standardError : 0,
                    folds: $0.folds, cost: $0.cost)
            }, units: measurement.unitCount, messages: measurement.messageCount, method: request.method)
        try context.directory.publish { folder in
            try Files.writeSynced(StrictJSON.encodeBytes(report) + [10], to: folder + "/impact.json")
            return context.result(
                .done,
                metrics: [
                    "messages": Double(measurement.messageCount), "units": Double(measurement.unitCount),
                    "folds": Double(measurement.foldCount), "truncatedRows": Double(truncated),
                ])
        }
    }
}
