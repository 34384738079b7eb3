import FoundationEssentials
import Tensors
import Testing
import Transformer

@Suite("Checkpoints: what loads, and what is refused by name")
struct CheckpointTests {
    private func configuration(_ changes: [String: String]) throws -> ModelConfiguration {
        let folder = try ScratchFolder()
        var fields = [
            "model_type": "\"llama\"", "vocab_size": "32", "hidden_size": "16", "intermediate_size": "24",
            "num_hidden_layers": "2", "num_attention_heads": "4", "num_key_value_heads": "2",
        ]
        fields.merge(changes) { $1 }
        let text = "{" + fields.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",") + "}"
        try OutputFile.write(Array(text.utf8), path: folder.path + "/config.json")
        return try ModelConfiguration(reading: folder.path + "/config.json")
    }

    @Test func bothFormsOfTheRotarySettings() throws {
        let old = try configuration([
            "rope_theta": "5e5",
            "rope_scaling":
                #"{"type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}"#,
        ])
        let new = try configuration([
            "rope_parameters":
                #"{"rope_type":"llama3","rope_theta":5e5,"factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}"#
        ])
        #expect(old == new)
        #expect(try configuration(["rope_theta": "10000.0"]).rotaryScaling == .none)
        #expect(
            try configuration(["rope_scaling": #"{"type":"linear","factor":2}"#]).rotaryScaling == .linear(factor: 2))
    }

    @Test func slidingWindowsAreHonoured() throws {
        #expect(try configuration(["model_type": "\"mistral\"", "sliding_window": "5"]).slidingWindows == [5, 5])
        #expect(
            try configuration(["model_type": "\"mistral\"", "sliding_window": "null"]).slidingWindows == [nil, nil])
        #expect(try configuration(["model_type": "\"qwen2\"", "sliding_window": "5"]).slidingWindows == [nil, nil])
        #expect(
            try configuration([
                "model_type": "\"qwen2\"", "sliding_window": "5", "use_sliding_window": "true",
                "max_window_layers": "1",
            ]).slidingWindows == [nil, 5])
    }

    @Test(arguments: [
        ("model_type", "\"gpt2\"", "gpt2"), ("rope_scaling", #"{"rope_type":"yarn","factor":4}"#, "yarn"),
        ("rope_scaling", #"{"type":"dynamic","factor":4}"#, "dynamic"), ("hidden_act", "\"gelu\"", "gelu"),
        ("vocab_size", "-5", "vocab_size"), ("hidden_size", "\"16\"", "hidden_size"),
        ("num_hidden_layers", "99999999999", "num_hidden_layers"), ("num_key_value_heads", "3", "num_key_value_heads"),
        ("quantization_config", "{\"bits\":4}", "quantised"), ("eos_token_id", "[1,\"x\"]", "eos_token_id"),
        ("rope_parameters", #"{"rope_type":"default","partial_rotary_factor":0.5}"#, "partial_rotary_factor"),
    ])
    func configurationsAreRefusedByName(_ key: String, value: String, words: String) {
        let error = #expect(throws: CheckpointError.self) { try configuration([key: value]) }
        #expect(error.map { "\($0)".contains(words) } ?? false)
    }

    @Test func aCheckpointComesBackAndItsFaultsAreNamed() throws {
        let model = TinyModel.make()
        let folder = try ScratchFolder()
        // Qwen 3 has no biases in its feed-forward block, so that part of the small model is not written.
        var configuration = model.configuration
        configuration.feedForwardBias = false
        let weights = ModelWeights(configuration: configuration)
        for shape in configuration.weightShapes {
            if let source = model.weights.weight(named: shape.name) {
                weights.weight(named: shape.name)?.assign(source)
            }
        }
        let plain = Model(configuration: configuration, weights: weights)
        try plain.write(folder: folder.path)
        let loaded = try Model.load(folder: folder.path)
        #expect(loaded.configuration == configuration)
        #expect(loaded.digest?.count == 71)
        for shape in configuration.weightShapes {
            #expect(loaded.weights.weight(named: shape.name)?.values == weights.weight(named: shape.name)?.values)
        }
        let file = folder.path + "/model.safetensors"
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        try OutputFile.write(Array(bytes.dropLast(5)), path: file)
        #expect(throws: CheckpointError.self) { try Model.load(folder: folder.path) }
        var entries = configuration.weightShapes.compactMap { shape in
            weights.weight(named: shape.name).map {
                SafetensorsWriter.Entry(name: shape.name, matrix: $0, isVector: shape.rows == 1)
            }
        }
        entries.append(.init(name: "model.layers.9.extra.weight", matrix: Matrix(rows: 1, columns: 1)))
        try SafetensorsWriter.write(entries, path: file)
        let extra = #expect(throws: CheckpointError.self) { try Model.load(folder: folder.path) }
        #expect(extra?.subject == "model.layers.9.extra.weight")
        entries.removeLast(2)
        try SafetensorsWriter.write(entries, path: file)
        let missing = #expect(throws: CheckpointError.self) { try Model.load(folder: folder.path) }
        #expect(missing?.subject == "model.norm.weight")
        entries.append(.init(name: "model.norm.weight", matrix: Matrix(rows: 1, columns: 3), isVector: true))
        try SafetensorsWriter.write(entries, path: file)
        let shape = #expect(throws: CheckpointError.self) { try Model.load(folder: folder.path) }
        #expect(shape?.reason.contains("[3]") ?? false)
    }

    @Test func modulePathsAreExact() {
        #expect(ModulePath("layers.6.mlp.down_proj")?.description == "layers.6.mlp.down_proj")
        for wrong in [
            "layers.06.mlp.down_proj", "layers.-1.mlp.down_proj", "layers.6.self_attn.down_proj",
            "model.layers.6.mlp.up_proj",
            "layers.6.mlp", "",
        ] {
            #expect(ModulePath(wrong) == nil)
        }
    }
}
