import FineTuning
import Foundation
import Statistics
import Tensors
import Transformer

/// A decoder small enough for tests, with random weights, and rows that it can learn.
enum TinyModel {
    static func make(layers: Int = 2, seed: UInt64 = 1) throws -> Model {
        let path = FileManager.default.temporaryDirectory.appending(path: "tiny-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: path) }
        let text = """
            {"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":64,"hidden_size":32,
             "intermediate_size":48,"num_hidden_layers":\(layers),"num_attention_heads":4,"num_key_value_heads":2,
             "head_dim":8,"hidden_act":"silu","rms_norm_eps":1e-5,"tie_word_embeddings":true,"rope_theta":10000,
             "max_position_embeddings":64,"bos_token_id":null,"eos_token_id":1}
            """
        try Data(text.utf8).write(to: path)
        let configuration = try ModelConfiguration(reading: path.path())
        let weights = ModelWeights(configuration: configuration)
        var random = SeededGenerator.stream(seed: seed, index: 0)
        for shape in configuration.weightShapes {
            guard let matrix = weights.weight(named: shape.name) else { continue }
            if shape.name.hasSuffix("norm.weight") {
                matrix.fill(1)
                continue
            }
            let bound = shape.name.contains("embed") ? 0.5 : 1 / Double(shape.columns).squareRoot()
            for row in 0..<shape.rows {
                for column in 0..<shape.columns { matrix[row, column] = Float((2 * random.uniform() - 1) * bound) }
            }
        }
        return Model(configuration: configuration, weights: weights)
    }

    /// Rows whose answer follows from the first token of the prompt by a rule: `(7 · token + shift) mod 48 + 8`.
    static func rows(_ count: Int, shift: Int, seed: UInt64, weight: Double = 1) -> [TrainingRow] {
        var random = SeededGenerator.stream(seed: seed, index: 1)
        return (0..<count).map { index in
            let topic = Int32(8 + Int(random.next() % 12))
            let length = 3 + Int(random.next() % 5)
            let prompt = [2, topic] + (0..<length).map { _ in Int32(8 + Int(random.next() % 48)) } + [3]
            let answer = Int32((7 * Int(topic) + shift) % 48 + 8)
            return TrainingRow(
                prompt: prompt, answer: [answer, 1], scored: [true, true], weight: weight, desirable: true,
                unit: "u\(index % 17)")
        }
    }

    static func settings(
        epochs: Int = 2, rates: [Double] = [5e-3], maximumRank: Int = 8, seed: UInt64 = 3,
        objective: TrainingSettings.Objective = .supervised
    ) -> TrainingSettings {
        TrainingSettings(
            objective: objective, kto: KahnemanTversky(beta: 0.1, desirableWeight: 1, undesirableWeight: 1),
            epochs: epochs, learningRates: rates, batchTokens: 128, maximumRank: maximumRank, seed: seed)
    }

    /// Trains to the end and returns the run.
    static func train(
        _ model: Model, modules: [TunedModule], incumbent: LowRankAdapter? = nil, lineage: AdapterLineage? = nil,
        rows: [TrainingRow], heldout: [TrainingRow] = [], settings: TrainingSettings = settings()
    ) throws -> TrainingRun {
        let run = try makeRun(
            model, modules: modules, incumbent: incumbent, lineage: lineage, rows: rows, heldout: heldout,
            settings: settings)
        while !run.isFinished { _ = try run.advance {} }
        return run
    }

    static func makeRun(
        _ model: Model, modules: [TunedModule], incumbent: LowRankAdapter? = nil, lineage: AdapterLineage? = nil,
        rows: [TrainingRow], heldout: [TrainingRow] = [], settings: TrainingSettings = settings()
    ) throws -> TrainingRun {
        let plan = try CandidatePlan(
            modules: modules, incumbent: incumbent, lineage: lineage, configuration: model.configuration,
            parameterBudget: 1_000_000, maximumRank: settings.maximumRank, seed: settings.seed)
        return TrainingRun(
            model: model, plan: plan, settings: settings, rows: rows, heldout: heldout, pieceTokens: 64,
            workspace: Workspace(threads: 1))
    }

    /// Mean loss of rows, in nats a row.
    static func loss(_ rows: [TrainingRow], _ model: Model, _ adapter: LowRankAdapter?) -> Double {
        let pass = HeldoutPass(rows: rows, tokens: 256)
        let workspace = Workspace(threads: 1)
        var sums = (0.0, 0.0)
        for piece in 0..<pass.pieceCount {
            let part = pass.losses(
                piece, model: model, adapters: adapter.map { [$0] } ?? [], workspace: workspace)
            sums.0 += part.loss
            sums.1 += part.weight
        }
        return sums.0 / sums.1
    }
}

extension LowRankFactors {
    /// ΔW = scale · B · A as `[out][in]`, by the definition.
    var change: [[Double]] {
        (0..<b.rows).map { row in
            (0..<a.columns).map { column in
                (0..<rank).reduce(0.0) { $0 + Double(b[row, $1]) * Double(a[$1, column]) } * Double(scale)
            }
        }
    }
}

extension LowRankAdapter {
    /// ΔW of every module that is not zero.
    var changes: [ModulePath: [[Double]]] {
        modules.mapValues(\.change).filter { $0.value.contains { $0.contains { $0 != 0 } } }
    }
}
