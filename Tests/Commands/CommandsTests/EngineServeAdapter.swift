import Foundation
import Values

/// Adapters in PEFT's format with numbers from a seed: they answer unlike the base and each other.
enum EngineServeAdapter {
    /// Writes the adapter into a new folder and returns it. The caller removes the folder.
    ///
    /// - Parameters: `layer`, `inputs` and `outputs` are those of the module `down_proj`; as they stand, support-base's.
    static func make(
        seed: UInt64, layer: Int = 7, inputs: Int = 704, outputs: Int = 256, scale: Float = 0.25
    ) throws -> String {
        let folder = NSTemporaryDirectory() + "retuned-adapter-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration: JSONValue = [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 2, "lora_alpha": 2, "target_modules": ["down_proj"],
            "layers_to_transform": [.integer(Int64(layer))], "bias": "none", "lora_dropout": 0,
            "base_model_name_or_path": "support-base",
        ]
        try Data(configuration.serialized).write(to: URL(fileURLWithPath: folder + "/adapter_config.json"))
        let name = "base_model.model.model.layers.\(layer).mlp.down_proj.lora_"
        let a = 2 * inputs
        let b = outputs * 2
        let header: JSONValue = [
            "\(name)A.weight": [
                "dtype": "F32", "shape": [2, .integer(Int64(inputs))], "data_offsets": [0, .integer(Int64(4 * a))],
            ],
            "\(name)B.weight": [
                "dtype": "F32", "shape": [.integer(Int64(outputs)), 2],
                "data_offsets": [.integer(Int64(4 * a)), .integer(Int64(4 * (a + b)))],
            ],
        ]
        var bytes = Data()
        let text = header.serialized
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(text.count >> shift & 0xFF)) }
        bytes += text
        // A linear congruential sequence (Knuth's MMIX): any numbers do, as long as they are the same each time.
        var state = seed
        for _ in 0..<a + b {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = (Float(state >> 40) / Float(1 << 23) - 1) * scale
            for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(bits.bitPattern >> UInt32(shift) & 0xFF)) }
        }
        try bytes.write(to: URL(fileURLWithPath: folder + "/adapter_model.safetensors"))
        return folder
    }

    static func remove(_ folder: String) {
        try? FileManager.default.removeItem(atPath: folder)
    }
}
