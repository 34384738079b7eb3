/// A decoder-only transformer of the Llama family (Llama, Mistral, Qwen 2, Qwen 3) with its weights.
///
/// There are three ways through it, all in float32. `evaluate` and `gradients` take a `PackedBatch`: sequences side by side
/// without padding, a common beginning computed once, logits only where a token is scored and never for a whole batch at
/// a time. `gradients` records, from the lowest trained layer on, what cannot be had again cheaply, and goes back down to
/// that layer; it makes the gradients that `Trainables` names and no other. `step` decodes: each sequence brings its
/// `KeyValueCache` and its next tokens, and one call advances them all. Adapters are applied beside the weights, to the
/// rows of the sequences they belong to, so that many serve on one base at once.
///
/// Each number is summed by one thread in an order that depends on the call and on the number of threads alone: the same
/// call on the same machine gives the same bytes.
///
/// Token ids are below the configuration's vocabulary size; whoever pairs a tokenizer with a model checks it once.
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
