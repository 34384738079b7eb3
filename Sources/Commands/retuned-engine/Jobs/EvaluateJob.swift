import Contracts
import FineTuning
import Transformer
import Values

/// Carries out a job of kind `evaluate`: what each arm makes of held-out, old and golden rows.
struct EvaluateJob {
    let context: JobContext
    let base: JobBase
    let request: JobDescription.Evaluate

    private struct Item {
        var set: ExampleSet
        var example: TrainingExample
        var row: TrainingRow
    }

    private struct Piece {
        var arm: EvaluatedAnswer.Arm
        var items: [Int]
    }

    /// Rows answered together.
    private static let batchRows = 32

    func run() throws {
        let items = try readItems()
        guard !items.isEmpty else {
            throw JobFailure("data/heldout.jsonl, old.jsonl and golden.jsonl have no row to evaluate on.")
        }
        let incumbent = try base.adapter(context.job.incumbent)
        let candidate = try base.adapter(context.job.candidate)
        let arms: [EvaluatedAnswer.Arm] = context.job.candidate == nil ? [.incumbent] : [.incumbent, .candidate]
        let pieces = arms.flatMap { arm in runs(items).map { Piece(arm: arm, items: $0) } }
        var answers: [EvaluatedAnswer?] = Array(repeating: nil, count: items.count * arms.count)
        var done = 0
        if let resumed = context.resumed, resumed.phase == "evaluate" {
            var reader = StateReader(resumed.state)
            done = try reader.readInt()
            for index in answers.indices where try reader.readBool() {
                answers[index] = try StrictJSON.decode(EvaluatedAnswer.self, parsing: try reader.readBytes())
            }
        } else {
            try estimate(items, pieces)
        }
        while done < pieces.count {
            try context.stopIfAsked(phase: "evaluate", state: state(done, answers))
            let piece = pieces[done]
            let adapter = piece.arm == .incumbent ? incumbent : candidate
            for (item, answer) in zip(piece.items, try evaluate(piece, items, adapter: adapter)) {
                answers[(piece.arm == .incumbent ? 0 : items.count) + item] = answer
            }
            done += 1
            try context.report(phase: "evaluate", step: done, of: pieces.count, always: done == pieces.count)
            try context.checkpointIfDue(phase: "evaluate") { state(done, answers) }
        }
        try publish(answers.compactMap(\.self))
    }

    private func readItems() throws -> [Item] {
        var items: [Item] = []
        for set in [ExampleSet.heldout, .old, .golden] {
            for (number, example) in try context.directory.readExamples(set).enumerated() where example.desirable {
                do {
                    guard
                        let row = try base.encoder.row(
                            messages: example.chatMessages, answer: example.answer,
                            redacted: example.redacted.map { $0[0]..<$0[1] }, weight: example.weight,
                            desirable: true, unit: example.unit)
                    else { continue }
                    items.append(Item(set: set, example: example, row: row.row))
                } catch {
                    throw JobFailure("\(set.path), row \(number + 1): \(error)")
                }
            }
        }
        return items
    }

    /// Items in runs of about one length, small enough that one takes a fraction of a second.
    private func runs(_ items: [Item]) -> [[Int]] {
        BatchPlan.inOrder(lengths: items.map(\.row.tokenCount), most: base.pieceTokens).flatMap { run in
            stride(from: 0, to: run.count, by: Self.batchRows).map {
                Array(run[$0..<min(run.count, $0 + Self.batchRows)])
            }
        }
    }

    private func evaluate(
        _ piece: Piece, _ items: [Item], adapter: LowRankAdapter?
    ) throws -> [EvaluatedAnswer] {
        let chosen = piece.items.map { items[$0] }
        let batch = PackedBatch(chosen.map { $0.row.sequence(tokenWeight: 1) })
        let result = base.model.evaluate(
            batch, adapters: adapter.map { [$0] } ?? [], workspace: base.workspace)
        var texts = [String](repeating: "", count: chosen.count)
        if request.metrics.contains(.exactAnswer) {
            let most = chosen.map { 2 * $0.row.answer.count + 8 }.max() ?? 8
            var prompts: [[Int32]] = []
            for item in chosen {
                prompts.append(try base.encoder.prompt(item.example.chatMessages, room: most).tokens)
            }
            texts = base.model.generate(
                prompts: prompts, adapter: adapter, stopTokens: base.stopTokens, maximumTokens: most,
                batch: Self.batchRows, workspace: base.workspace
            ).map { answer in
                base.encoder.template.tokenizer.decode(answer.tokens.map(Int.init), skippingSpecialTokens: true)
            }
        }
        return try chosen.enumerated().map { place, item in
            let logLikelihood = result.logLikelihood(ofSequence: place, in: batch)
            guard logLikelihood.isFinite else {
                throw JobFailure(
                    "The \(piece.arm.rawValue)'s log-likelihood of \(item.example.record) is not finite; "
                        + "its adapter or the base is broken.")
            }
            return EvaluatedAnswer(
                record: item.example.record, set: item.set, arm: piece.arm, logLikelihood: logLikelihood,
                tokens: item.row.scoredCount, answer: texts[place],
                exact: request.metrics.contains(.exactAnswer)
                    && AnswerComparison.same(texts[place], item.example.answer))
        }
    }

    private func state(_ done: Int, _ answers: [EvaluatedAnswer?]) -> [UInt8] {
        var writer = StateWriter()
        writer.write(done)
        for answer in answers {
            writer.write(answer != nil)
            if let answer { writer.write((try? StrictJSON.encodeBytes(answer)) ?? []) }
        }
        return writer.bytes
    }

    private func estimate(_ items: [Item], _ pieces: [Piece]) throws {
        let middle = pieces[pieces.count / 2]
        let seconds = try context.measure { _ = try evaluate(middle, items, adapter: nil) }
        let tokens = middle.items.reduce(0) { $0 + items[$1].row.tokenCount }
        let all = pieces.reduce(0) { sum, piece in
            sum + piece.items.reduce(0) { $0 + items[$1].row.tokenCount }
        }
        try context.refuseIfOver(
            cpuSeconds: context.cpuSeconds + 1.1 * seconds * Double(all) / Double(max(1, tokens)),
            memoryBytes: JobProcess.dataBytes * 11 / 10)
    }

    private func publish(_ answers: [EvaluatedAnswer]) throws {
        var lines: [UInt8] = []
        var sums: [String: (count: Double, exact: Double, logLikelihood: Double, tokens: Double)] = [:]
        for answer in answers {
            lines += try StrictJSON.encodeBytes(answer) + [10]
            let key = "\(answer.set.rawValue).\(answer.arm.rawValue)"
            var sum = sums[key] ?? (0, 0, 0, 0)
            sum.count += 1
            sum.exact += answer.exact ? 1 : 0
            sum.logLikelihood += answer.logLikelihood
            sum.tokens += Double(answer.tokens)
            sums[key] = sum
        }
        var metrics: [String: Double] = [:]
        for (key, sum) in sums {
            metrics[key + ".rows"] = sum.count
            metrics[key + ".exact"] = sum.exact / sum.count
            metrics[key + ".logLikelihoodPerToken"] = sum.logLikelihood / sum.tokens
        }
        try context.directory.publish { folder in
            try Files.writeSynced(lines, to: folder + "/answers.jsonl")
            return context.result(.done, metrics: metrics)
        }
    }
}
