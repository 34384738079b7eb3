package import Transformer

/// Reads and writes adapters in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`.
package enum AdapterFile {
    /// Reads a LoRA for a model of this shape. Refused by name: DoRA, trained biases, whole modules, and whatever else
    /// changes what the factors mean; shapes that do not fit, numbers that are not finite, and missing halves.
    package static func read(folder: String, configuration: ModelConfiguration) throws(CheckpointError)
        -> LowRankAdapter
    {
        fatalError("not yet")
    }

    /// Writes an adapter so that every server reads it alike: one uniform rank by zero padding, `lora_alpha` = `r`, no
    /// patterns, float32; query, key and value together and gate and up together, zero where there is nothing.
    /// The caller syncs and renames the folder.
    package static func write(
        _ adapter: LowRankAdapter, configuration: ModelConfiguration, baseName: String, folder: String
    ) throws(CheckpointError) {
        fatalError("not yet")
    }
}
