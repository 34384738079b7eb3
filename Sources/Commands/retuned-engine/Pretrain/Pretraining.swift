import FineTuning
import Glibc
import Tensors
import Transformer
import Values

/// Trains all weights of a small Llama from a random beginning on the answers of chat rows.
///
/// Weights begin normal with deviation 0.02 (by the sum of twelve uniform draws), norms at 1. AdamW, gradients cut to
/// norm 1, a short warm-up and a cosine to a tenth.
struct Pretraining {
    let command: PretrainCommand
    let lessons: [Lesson]
    let measured: [Lesson]
    let report: (String) -> Void

    func run() throws {
        let tokenizer = try TextFiles.tokenizer(in: command.output)
        let template = try TextFiles.chatTemplate(in: command.output, tokenizer: tokenizer, name: nil)
        let encoder = ExampleEncoder(template: template, context: 512)
        var size = 0
        while tokenizer.tokenText(size) != nil { size += 1 }
        let configuration = ModelConfiguration(
            vocabularySize: size, hiddenSize: command.hidden, intermediateSize: command.hidden * 11 / 4,
            layerCount: command.layers, headCount: 4, keyValueHeadCount: 2, headSize: command.hidden / 4,
            maximumPositions: 512, beginToken: 0, endTokens: [2], paddingToken: 0)
        let weights = ModelWeights(configuration: configuration)
        initialise(weights, configuration)
        let model = Model(configuration: configuration, weights: weights)
        let workspace = Workspace(threads: command.threads)
        report(
            "\(configuration.parameterCount) parameters, \(size) tokens, \(lessons.count) messages, \(command.epochs) epochs"
        )
        try train(model, rows: try lessons.compactMap { try row($0, encoder) }, workspace: workspace)
        if !measured.isEmpty {
            report(
                "right answers on \(command.test ?? ""): \(try right(model, encoder, workspace)) of \(measured.count)")
        }
        try write(configuration, weights)
    }

    private func messages(_ lesson: Lesson) -> [ChatMessage] {
        [ChatMessage(role: "system", content: command.instruction), ChatMessage(role: "user", content: lesson.query)]
    }

    private func row(_ lesson: Lesson, _ encoder: ExampleEncoder) throws -> TrainingRow? {
        try encoder.row(
            messages: messages(lesson), answer: lesson.answer, redacted: [], weight: 1, desirable: true, unit: "")?.0
    }

    private func initialise(_ weights: ModelWeights, _ configuration: ModelConfiguration) {
        var random = RandomStream(seed: command.seed)
        for shape in configuration.weightShapes {
            guard let matrix = weights.weight(named: shape.name) else { continue }
            if shape.name.hasSuffix("norm.weight") {
                matrix.fill(1)
                continue
            }
            let deviation: Float = 0.02
            let values = (0..<shape.rows * shape.columns).map { _ in
                deviation * ((0..<12).reduce(Float(0)) { sum, _ in sum + random.nextUnit() } - 6)
            }
            matrix.assign(Matrix(rows: shape.rows, columns: shape.columns, values: values))
        }
    }

    private func train(_ model: Model, rows: [TrainingRow], workspace: Workspace) throws {
        let names = model.configuration.weightShapes.map(\.name)
        let trainables = Trainables(weights: Set(names))
        let gradients = Gradients(for: trainables, of: model)
        let ordered = names.compactMap { gradients.weights[$0] }
        let optimizer = AdamW(parameters: names.compactMap { model.weights.weight(named: $0) })
        let perEpoch = (rows.count + command.batch - 1) / command.batch
        let schedule = LearningRateSchedule(
            peak: command.rate, warmUpSteps: 30, totalSteps: perEpoch * command.epochs, finalShare: 0.1)
        var random = RandomStream(seed: command.seed &+ 1)
        var step = 0
        for epoch in 1...command.epochs {
            let order = Array(rows.indices).shuffled(using: &random)
            var loss = 0.0
            for start in stride(from: 0, to: order.count, by: command.batch) {
                let chosen = order[start..<min(order.count, start + command.batch)]
                gradients.reset()
                let batch = PackedBatch(
                    chosen.map { rows[$0].sequence(tokenWeight: 1 / Float(chosen.count * rows[$0].scoredCount)) })
                loss += model.gradients(of: batch, trainables: trainables, into: gradients, workspace: workspace).loss
                optimizer.step(
                    gradients: ordered, learningRate: Float(schedule.rate(atStep: step)),
                    gradientScale: GradientNorm(ordered).scale(toMaximum: 1))
                step += 1
                if step % 50 == 0 {
                    report(
                        "step \(step) of \(perEpoch * command.epochs), loss \(loss / Double(start / command.batch + 1))"
                    )
                }
            }
            report("epoch \(epoch) of \(command.epochs), loss \(loss / Double(perEpoch))")
        }
    }

    private func right(_ model: Model, _ encoder: ExampleEncoder, _ workspace: Workspace) throws -> Int {
        var right = 0
        for start in stride(from: 0, to: measured.count, by: 32) {
            let part = measured[start..<min(measured.count, start + 32)]
            let answers = model.generate(
                prompts: try part.map { try encoder.prompt(messages($0), room: 24).tokens }, adapter: nil,
                stopTokens: Set(encoder.template.stopTokens.map(Int32.init)), maximumTokens: 24, workspace: workspace)
            for (lesson, answer) in zip(part, answers) {
                let text = encoder.template.tokenizer.decode(answer.tokens.map(Int.init), skippingSpecialTokens: true)
                if AnswerText.normalized(text) == AnswerText.normalized(lesson.answer) { right += 1 }
            }
        }
        return right
    }

    private func write(_ configuration: ModelConfiguration, _ weights: ModelWeights) throws {
        guard case .object(var json) = configuration.json else { return }
        json["torch_dtype"] = "bfloat16"
        try Files.writeSynced(JSONValue.object(json).serialized + [10], to: command.output + "/config.json")
        let entries = configuration.weightShapes.compactMap { shape in
            weights.weight(named: shape.name).map {
                SafetensorsWriter.Entry(
                    name: shape.name, matrix: $0, format: .bfloat16, isVector: shape.name.hasSuffix("norm.weight"))
            }
        }
        try SafetensorsWriter.write(entries, path: command.output + "/model.safetensors")
    }
}
