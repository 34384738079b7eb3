/// A decoder-only transformer of the Llama family (Llama, Mistral, Qwen 2, Qwen 3) with its weights.
package final class Model: Sendable {
    package let configuration: ModelConfiguration
    package let weights: ModelWeights
    /// `sha256:` over the bytes of the safetensors files in order of name; nil for a model that was not loaded.
    package let digest: String?
    let rotary: RotaryAngles

    package init(configuration: ModelConfiguration, weights: ModelWeights, digest: String? = nil) {
        precondition(weights.configuration == configuration)
        self.configuration = configuration
        self.weights = weights
        self.digest = digest
        rotary = RotaryAngles(configuration: configuration)
    }

    /// A cache for one sequence of at most `capacity` tokens.
    package func makeCache(capacity: Int) -> KeyValueCache {
        KeyValueCache(
            layers: configuration.layerCount, width: configuration.keyValueWidth, capacity: max(1, capacity))
    }

    /// Bytes that a cache takes for each token of its capacity.
    package var cacheBytesPerToken: Int { configuration.layerCount * configuration.keyValueWidth * 2 * 4 }
}
