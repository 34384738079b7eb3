import Tensors
import Transformer

/// A model small enough for finite differences, with everything a decoder can have: grouped heads, biases, norms of
/// queries and keys.
enum TinyModel {
    static func configuration(window: Int? = nil) -> ModelConfiguration {
        ModelConfiguration(
            architecture: .qwen3, vocabularySize: 23, hiddenSize: 12, intermediateSize: 10, layerCount: 2, headCount: 4,
            keyValueHeadCount: 2, headSize: 6, normEpsilon: 1e-5, tiesEmbeddings: true, attentionBias: true,
            outputBias: true, feedForwardBias: true, normalisesQueriesAndKeys: true, rotaryBase: 100,
            rotaryScaling: .none, maximumPositions: 64, slidingWindow: window,
            endTokens: [2])
    }

    static func make(seed: UInt64 = 1, window: Int? = nil) -> Model {
        let weights = ModelWeights(configuration: configuration(window: window))
        var stream = RandomStream(seed: seed)
        for shape in weights.configuration.weightShapes {
            guard let matrix = weights.weight(named: shape.name) else { continue }
            let isNorm = shape.name.contains("norm")
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns {
                    matrix[row, column] = (isNorm ? 1 : 0) + (2 * stream.nextUnit() - 1) * (isNorm ? 0.3 : 0.5)
                }
            }
        }
        return Model(configuration: weights.configuration, weights: weights)
    }

    /// An adapter on every module whose B is not zero.
    static func adapter(rank: Int, seed: UInt64, model: Model, modules: [ModulePath]? = nil) -> LowRankAdapter {
        let ranks = Dictionary(
            uniqueKeysWithValues: (modules ?? model.configuration.modules).map { ($0, rank) })
        let adapter = LowRankAdapter.initial(
            ranks: ranks, configuration: model.configuration, scale: 1.5, seed: seed)
        var stream = RandomStream(seed: seed &+ 99)
        for path in adapter.paths {
            guard let b = adapter.modules[path]?.b else { continue }
            for row in 0..<b.rows {
                for column in 0..<b.columns { b[row, column] = (2 * stream.nextUnit() - 1) * 0.3 }
            }
        }
        return adapter
    }

    static let sequences = [
        ScoredSequence(tokens: [1, 4, 7, 9, 3, 2], weights: [0, 0, 0, 0.3, 0.2, 0.5]),
        ScoredSequence(tokens: [1, 4, 7, 11, 12], weights: [0, 0, 0, 0.7, 0.1]),
        ScoredSequence(tokens: [1, 4, 7, 5, 6, 8, 20, 21, 2], weights: [0, 0, 0, 0, 0, 0.2, 0.4, 0, 0.9]),
    ]
}
