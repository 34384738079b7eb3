import Foundation
import Values

extension EngineJobFixture {
    /// A byte-level Llama of two layers with random weights, as Hugging Face lays it out.
    static func writeBase(_ folder: String, seed: UInt64 = 42) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        try write(
            """
            {"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":260,"hidden_size":64,
             "intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":16,
             "hidden_act":"silu","rms_norm_eps":1e-5,"tie_word_embeddings":true,"rope_theta":10000,
             "max_position_embeddings":256,"bos_token_id":257,"eos_token_id":258}
            """, "config.json")
        try write(tokenizer(), "tokenizer.json")
        try write(
            """
            {"eos_token":"<|im_end|>","chat_template":"{% for message in messages %}{{'<|im_start|>' + \
            message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"}
            """, "tokenizer_config.json")
        try weights(seed: seed).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    }

    private static func tokenizer() throws -> String {
        // GPT-2's byte alphabet: printable bytes as themselves, the others from U+0100 on.
        var vocabulary: [String: Int] = [:]
        var next: UInt32 = 256
        for byte in 0..<256 {
            let printable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            let scalar = printable ? UInt32(byte) : next
            if !printable { next += 1 }
            vocabulary[String(Unicode.Scalar(scalar) ?? " ")] = byte
        }
        let controls: [JSONValue] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].enumerated().map { index, text in
            [
                "id": .integer(Int64(256 + index)), "content": .string(text), "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true,
            ]
        }
        let byteLevel: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        let document: JSONValue = [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(controls),
            "normalizer": .null, "pre_tokenizer": byteLevel, "post_processor": .null, "decoder": byteLevel,
            "model": [
                "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
                "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false,
                "vocab": .object(
                    JSONObject(
                        vocabulary.sorted { $0.value < $1.value }.map {
                            JSONObject.Member(name: $0.key, value: .integer(Int64($0.value)))
                        })), "merges": [],
            ],
        ]
        return String(decoding: document.serialized, as: UTF8.self)
    }

    private static func weights(seed: UInt64) -> Data {
        var shapes: [(String, [Int])] = [("model.embed_tokens.weight", [260, 64])]
        for layer in 0..<2 {
            let prefix = "model.layers.\(layer)."
            shapes += [
                (prefix + "input_layernorm.weight", [64]), (prefix + "post_attention_layernorm.weight", [64]),
                (prefix + "self_attn.q_proj.weight", [64, 64]), (prefix + "self_attn.k_proj.weight", [32, 64]),
                (prefix + "self_attn.v_proj.weight", [32, 64]), (prefix + "self_attn.o_proj.weight", [64, 64]),
                (prefix + "mlp.gate_proj.weight", [96, 64]), (prefix + "mlp.up_proj.weight", [96, 64]),
                (prefix + "mlp.down_proj.weight", [64, 96]),
            ]
        }
        shapes.append(("model.norm.weight", [64]))
        var state = seed
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) * 0x1p-23 - 1
        }
        var header: [JSONObject.Member] = []
        var body = Data()
        for (name, shape) in shapes {
            let start = body.count
            let bound: Float = name.contains("embed") ? 0.5 : 1 / Float(shape.last ?? 1).squareRoot() * 1.7
            for _ in 0..<shape.reduce(1, *) {
                let value: Float = shape.count == 1 ? 1 : uniform() * bound
                let bits = value.bitPattern
                for shift in [0, 8, 16, 24] as [UInt32] { body.append(UInt8(truncatingIfNeeded: bits >> shift)) }
            }
            header.append(
                .init(
                    name: name,
                    value: [
                        "dtype": "F32", "shape": .array(shape.map { .integer(Int64($0)) }),
                        "data_offsets": [.integer(Int64(start)), .integer(Int64(body.count))],
                    ]))
        }
        let text = JSONValue.object(JSONObject(header)).serialized
        var file = Data()
        for shift in stride(from: 0, to: 64, by: 8) {
            file.append(UInt8(truncatingIfNeeded: UInt64(text.count) >> UInt64(shift)))
        }
        return file + Data(text) + body
    }
}
