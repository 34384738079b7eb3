import FineTuning
import FoundationEssentials
import Tensors
import Testing
import Transformer

@Suite("ReferenceModels: what transformers and peft compute")
struct ReferenceModelSuite {
    static let absent: Comment = "no reference models under RETUNED_REFERENCE"

    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func logitsAndHiddenStates(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 2)
        let batch = PackedBatch(reference.sequences, sharesBeginning: false)
        let (logits, hidden) = reference.model.inspect(batch, workspace: workspace)
        let wanted = reference.withoutPadding(try reference.expected.matrix("logits"))
        #expect(ReferenceModels.agree(logits, wanted), "\(ReferenceModels.difference(logits, wanted))")
        #expect(!hidden.isEmpty)
        for (index, state) in hidden.enumerated() {
            let wanted = reference.withoutPadding(try reference.expected.matrix("hidden.\(index)"))
            #expect(
                ReferenceModels.agree(state, wanted), "hidden \(index): \(ReferenceModels.difference(state, wanted))")
        }
    }

    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func lossAndEveryGradient(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 2)
        let batch = PackedBatch(reference.sequences, sharesBeginning: false)
        let names = Set(reference.model.configuration.weightShapes.map(\.name))
        let trainables = Trainables(weights: names)
        let gradients = Gradients(for: trainables, of: reference.model)
        let result = reference.model.gradients(
            of: batch, trainables: trainables, into: gradients, workspace: workspace)
        let loss = try reference.expected.matrix("loss")[0, 0]
        #expect(abs(Float(result.loss) - loss) <= 1e-5 * loss)
        let expected = reference.expected.tensors.keys.filter { $0.hasPrefix("grad.") }
        #expect(Set(expected.map { String($0.dropFirst(5)) }) == names)
        for name in names.sorted() {
            let wanted = try reference.expected.matrix("grad." + name)
            guard let found = gradients.weights[name] else { continue }
            #expect(ReferenceModels.agree(found, wanted), "\(name): \(ReferenceModels.difference(found, wanted))")
        }
    }

    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func adapterLogitsLossAndGradients(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 2)
        let adapter = try AdapterFile.read(
            folder: folder + "/lora", configuration: reference.model.configuration)
        let batch = PackedBatch(reference.sequences, sharesBeginning: false)
        let (logits, _) = reference.model.inspect(batch, adapters: [adapter], workspace: workspace)
        let wanted = reference.withoutPadding(try reference.loraExpected.matrix("logits"))
        #expect(ReferenceModels.agree(logits, wanted), "\(ReferenceModels.difference(logits, wanted))")

        let trainables = Trainables(adapter: adapter)
        let gradients = Gradients(for: trainables, of: reference.model)
        let result = reference.model.gradients(
            of: batch, trainables: trainables, into: gradients, workspace: workspace)
        let loss = try reference.loraExpected.matrix("loss")[0, 0]
        #expect(abs(Float(result.loss) - loss) <= 1e-5 * loss)
        let evaluated = reference.model.evaluate(batch, adapters: [adapter], workspace: workspace)
        #expect(abs(Float(evaluated.loss) - loss) <= 1e-5 * loss)
        let expected = reference.loraExpected.tensors.keys.filter { $0.hasPrefix("grad.") }
        #expect(expected.count == 2 * adapter.modules.count)
        for (path, sums) in gradients.adapter?.modules ?? [:] {
            for (suffix, found) in [("lora_A", sums.a), ("lora_B", sums.b)] {
                let name = "grad.base_model.model.model.\(path).\(suffix).weight"
                let wanted = try reference.loraExpected.matrix(name)
                #expect(ReferenceModels.agree(found, wanted), "\(name): \(ReferenceModels.difference(found, wanted))")
            }
        }
    }

    private struct Recipe: Decodable {
        var learningRate: Float
        var beta1: Float
        var beta2: Float
        var eps: Float
        var weightDecay: Float
        var maximumNorm: Double
        var steps: Int
        var losses: [Double]

        enum CodingKeys: String, CodingKey {
            case beta1, beta2, eps, steps, losses
            case learningRate = "learning_rate"
            case weightDecay = "weight_decay"
            case maximumNorm = "max_grad_norm"
        }
    }

    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func tenTrainingSteps(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 2)
        let configuration = reference.model.configuration
        let adapter = try AdapterFile.read(folder: folder + "/lora", configuration: configuration)
        let recipe = try JSONDecoder().decode(
            Recipe.self, from: Data(contentsOf: URL(filePath: folder + "/lora_train.json")))
        let batch = PackedBatch(reference.sequences, sharesBeginning: false)
        let trainables = Trainables(adapter: adapter)
        let gradients = Gradients(for: trainables, of: reference.model)
        let sums = try #require(gradients.adapter).parameters
        let optimiser = AdamW(
            parameters: adapter.parameters,
            settings: .init(
                beta1: recipe.beta1, beta2: recipe.beta2, epsilon: recipe.eps, weightDecay: recipe.weightDecay))
        for step in 0..<recipe.steps {
            gradients.reset()
            let result = reference.model.gradients(
                of: batch, trainables: trainables, into: gradients, workspace: workspace)
            // Adam divides by the gradient's own size, so that rounding in small gradients moves weights visibly: the
            // losses are compared to 2e-4.
            #expect(abs(result.loss - recipe.losses[step]) <= 2e-4 * recipe.losses[step], "step \(step)")
            let norm = GradientNorm(sums)
            optimiser.step(
                gradients: sums, learningRate: recipe.learningRate,
                gradientScale: norm.scale(toMaximum: recipe.maximumNorm))
        }
        let trained = try AdapterFile.read(folder: folder + "/lora_trained", configuration: configuration)
        for (path, factors) in adapter.modules {
            let wanted = try #require(trained.modules[path])
            // Ten steps of 5e-3 move a weight by up to 5e-2. A gradient near rounding can have either sign, and its
            // weight then ends up to a step away, so the root mean square is compared.
            for (found, expected) in [(factors.a, wanted.a), (factors.b, wanted.b)] {
                let difference = found.copy()
                difference.add(expected, scale: -1)
                let error = (difference.sumOfSquares / Double(difference.count)).squareRoot()
                #expect(error <= 1e-4, "\(path): root mean square \(error)")
            }
        }
    }

    /// Published checkpoints have bfloat16 weights, several shards with an index and the older `config.json`.
    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func olderFormInBfloat16Shards(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 1)
        let target = try TemporaryFolder()
        try reference.model.write(folder: target.path, format: .bfloat16)
        let whole = try SafetensorsFile(path: target.path + "/model.safetensors")
        // Round the model itself, as the expectation.
        let rounded = ModelWeights(configuration: reference.model.configuration)
        var shards: [[SafetensorsWriter.Entry]] = [[], [], []]
        var map: [String] = []
        for (index, shape) in reference.model.configuration.weightShapes.enumerated() {
            let matrix = try #require(rounded.weight(named: shape.name))
            try whole.read(shape.name, into: matrix)
            shards[index % 3].append(
                .init(
                    name: shape.name, matrix: matrix, format: .bfloat16,
                    isVector: whole.tensors[shape.name]?.shape.count == 1))
            map.append("\"\(shape.name)\": \"model-0000\(index % 3 + 1)-of-00003.safetensors\"")
        }
        try FileManager.default.removeItem(atPath: target.path + "/model.safetensors")
        for (index, entries) in shards.enumerated() {
            try SafetensorsWriter.write(
                entries, path: target.path + "/model-0000\(index + 1)-of-00003.safetensors")
        }
        try OutputFile.write(
            Array("{\"weight_map\": {\(map.joined(separator: ", "))}}".utf8),
            path: target.path + "/model.safetensors.index.json")
        let loaded = try Model.load(folder: target.path)
        #expect(loaded.configuration == reference.model.configuration)
        #expect(loaded.digest != reference.model.digest)
        let batch = PackedBatch(reference.sequences, sharesBeginning: false)
        let direct = Model(configuration: reference.model.configuration, weights: rounded)
        let a = loaded.evaluate(batch, workspace: workspace)
        let b = direct.evaluate(batch, workspace: workspace)
        #expect(a == b)
        // bfloat16 keeps 8 bits: the loss moves by a percent or so, and not more.
        let loss = Double(try reference.expected.matrix("loss")[0, 0])
        #expect(abs(a.loss - loss) < 0.05 * loss)
    }

    @Test(.enabled(if: ReferenceModels.arePresent, absent), arguments: ReferenceModels.folders)
    func cachedDecodingEqualsTheFullPass(_ folder: String) throws {
        let reference = try ReferenceModels(folder)
        let workspace = Workspace(threads: 2)
        let adapter = try AdapterFile.read(
            folder: folder + "/lora", configuration: reference.model.configuration)
        let wanted = try reference.loraExpected.matrix("logits")
        // A prompt of 7 tokens at once, then one token after another; the third sequence runs without the adapter.
        let plain = try reference.expected.matrix("logits")
        let caches = reference.sequences.map { reference.model.makeCache(capacity: $0.tokens.count) }
        for place in [7] + Array(8...reference.length) {
            let going = reference.sequences.indices.filter { reference.sequences[$0].tokens.count >= place }
            let slices = going.map { index in
                SequenceSlice(
                    cache: caches[index],
                    tokens: Array(reference.sequences[index].tokens[(place == 7 ? 0 : place - 1)..<place]),
                    adapter: index == 1 ? nil : adapter)
            }
            let logits = reference.model.step(slices, workspace: workspace)
            for (row, index) in going.enumerated() {
                let expected = (index == 1 ? plain : wanted).rows(
                    index * reference.length + place - 1..<index * reference.length + place)
                let found = logits.rows(row..<row + 1)
                #expect(
                    ReferenceModels.agree(found, expected),
                    "sequence \(index), token \(place): \(ReferenceModels.difference(found, expected))")
            }
        }
    }
}
