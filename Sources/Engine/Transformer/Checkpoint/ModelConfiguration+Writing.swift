package import Values

extension ModelConfiguration {
    /// `config.json` in the older form, which every version of transformers reads.
    package var json: JSONValue {
        func token(_ id: Int32?) -> JSONValue { id.map { .integer(Int64($0)) } ?? .null }
        let classes: [Architecture: String] = [
            .llama: "LlamaForCausalLM", .mistral: "MistralForCausalLM", .qwen2: "Qwen2ForCausalLM",
            .qwen3: "Qwen3ForCausalLM",
        ]
        var members: [(String, JSONValue)] = [
            ("architectures", .array([.string(classes[architecture] ?? "")])),
            ("model_type", .string(architecture.rawValue)),
            ("hidden_act", "silu"),
            ("vocab_size", .integer(Int64(vocabularySize))),
            ("hidden_size", .integer(Int64(hiddenSize))),
            ("intermediate_size", .integer(Int64(intermediateSize))),
            ("num_hidden_layers", .integer(Int64(layerCount))),
            ("num_attention_heads", .integer(Int64(headCount))),
            ("num_key_value_heads", .integer(Int64(keyValueHeadCount))),
            ("head_dim", .integer(Int64(headSize))),
            ("max_position_embeddings", .integer(Int64(maximumPositions))),
            // The shortest decimal that reads back as the same single-precision number.
            ("rms_norm_eps", .number(Double("\(normEpsilon)") ?? Double(normEpsilon))),
            ("rope_theta", .number(rotaryBase)),
            ("rope_scaling", rotaryScaling.json),
            ("attention_bias", .bool(attentionBias && architecture != .qwen2)),
            ("mlp_bias", .bool(feedForwardBias)),
            ("tie_word_embeddings", .bool(tiesEmbeddings)),
            ("bos_token_id", token(beginToken)),
            ("eos_token_id", endTokens.count == 1 ? token(endTokens.first) : .array(endTokens.map { token($0) })),
            ("pad_token_id", token(paddingToken)),
            ("torch_dtype", "float32"),
        ]
        let window = slidingWindows.compactMap { $0 }.first
        members.append(("sliding_window", window.map { .integer(Int64($0)) } ?? .null))
        if window != nil, architecture != .mistral {
            members.append(("use_sliding_window", true))
            members.append(
                ("layer_types", .array(slidingWindows.map { $0 == nil ? "full_attention" : "sliding_attention" })))
        }
        return .object(JSONObject(members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
    }
}

extension ModelConfiguration.RotaryScaling {
    fileprivate var json: JSONValue {
        switch self {
        case .none: .null
        case .linear(let factor): ["rope_type": "linear", "factor": .number(factor)]
        case .llama3(let factor, let low, let high, let original):
            [
                "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
                "high_freq_factor": .number(high), "original_max_position_embeddings": .integer(Int64(original)),
            ]
        }
    }
}
