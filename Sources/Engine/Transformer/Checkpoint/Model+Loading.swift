package import Tensors

extension Model {
    /// Loads a checkpoint folder in the Hugging Face layout: `config.json` and `model.safetensors`, or shards with
    /// `model.safetensors.index.json`; float32, float16 and bfloat16.
    package static func load(folder: String) throws(CheckpointError) -> Model {
        fatalError("not yet")
    }

    /// Writes the checkpoint: `config.json`, `model.safetensors`.
    package func write(folder: String, format: NumberFormat = .float32) throws(CheckpointError) {
        fatalError("not yet")
    }
}
