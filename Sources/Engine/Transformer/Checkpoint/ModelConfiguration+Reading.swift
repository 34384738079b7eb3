import Tensors
import Values

extension ModelConfiguration {
    /// Reads `config.json` in the form of transformers 5 (`rope_parameters`, `dtype`) and in the older one (`rope_theta`
    /// and `rope_scaling` at the top level, `torch_dtype`).
    package init(reading path: String) throws(CheckpointError) {
        let fields = try ConfigurationFields(path: path)
        let name = try fields.string("model_type")
        guard let architecture = Architecture(rawValue: name) else {
            throw fields.failure(
                "model_type", "\(name) is not supported; llama, mistral, qwen2 and qwen3 are")
        }
        self.architecture = architecture
        vocabularySize = try fields.positive("vocab_size")
        hiddenSize = try fields.positive("hidden_size")
        intermediateSize = try fields.positive("intermediate_size")
        layerCount = try fields.positive("num_hidden_layers")
        headCount = try fields.positive("num_attention_heads")
        let defaultKeyValueHeads = architecture == .mistral ? 8 : architecture == .llama ? headCount : 32
        keyValueHeadCount =
            fields.isNull("num_key_value_heads")
            ? headCount : try fields.positive("num_key_value_heads", default: defaultKeyValueHeads)
        let defaultHeadSize = architecture == .qwen3 ? 128 : hiddenSize / headCount
        headSize =
            fields.isNull("head_dim")
            ? hiddenSize / headCount : try fields.positive("head_dim", default: defaultHeadSize)
        normEpsilon = Float(try fields.number("rms_norm_eps", default: 1e-6))
        tiesEmbeddings = try fields.bool("tie_word_embeddings", default: false)
        let bias = try fields.bool("attention_bias", default: false)
        switch architecture {
        case .llama, .qwen3: (attentionBias, outputBias) = (bias, bias)
        case .qwen2: (attentionBias, outputBias) = (true, false)
        case .mistral: (attentionBias, outputBias) = (false, false)
        }
        feedForwardBias = architecture == .llama ? try fields.bool("mlp_bias", default: false) : false
        normalisesQueriesAndKeys = architecture == .qwen3
        maximumPositions = try fields.positive("max_position_embeddings", default: 2048)
        (rotaryBase, rotaryScaling) = try fields.rotary()
        slidingWindows = try fields.slidingWindows(architecture, layerCount: layerCount)
        beginToken = try fields.tokens("bos_token_id").first
        endTokens = try fields.tokens("eos_token_id")
        paddingToken = try fields.tokens("pad_token_id").first
        let activation = try fields.string("hidden_act", default: "silu")
        guard activation == "silu" || activation == "swish" else {
            throw fields.failure("hidden_act", "\(activation) is not supported; silu is")
        }
        if fields.has("quantization_config") {
            throw fields.failure("quantization_config", "quantised checkpoints are not supported")
        }
        guard headCount % keyValueHeadCount == 0 else {
            throw fields.failure("num_key_value_heads", "does not divide num_attention_heads")
        }
        guard headSize % 2 == 0 else { throw fields.failure("head_dim", "is odd") }
    }
}
