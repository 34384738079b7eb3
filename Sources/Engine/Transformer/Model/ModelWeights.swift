package import Tensors

/// The weights of a model in float32. Queries, keys and values lie in one matrix, gate and up in another, so that each
/// pair or triple is one product; `weight(named:)` gives views by the names of the checkpoint.
///
/// Immutable once a model is loaded; only the training of a base from nothing writes to its own.
package final class ModelWeights: Sendable {
    /// One decoder layer: projections as `[outputs, inputs]`, norms and biases as one row. Biases, and the norms of
    /// queries and keys, are nil where the architecture has none.
    package struct Layer: Sendable {
        package let attentionNorm: Matrix
        package let queryKeyValue: Matrix
        package let queryKeyValueBias: Matrix?
        package let queryNorm: Matrix?
        package let keyNorm: Matrix?
        package let output: Matrix
        package let outputBias: Matrix?
        package let feedForwardNorm: Matrix
        package let gateUp: Matrix
        package let gateUpBias: Matrix?
        package let down: Matrix
        package let downBias: Matrix?
    }

    package let configuration: ModelConfiguration
    package let embedding: Matrix
    package let finalNorm: Matrix
    /// The embedding itself where they are tied.
    package let head: Matrix
    package let layers: [Layer]
    private let byName: [String: Matrix]

    /// Zeros.
    package init(configuration: ModelConfiguration) {
        self.configuration = configuration
        let c = configuration
        embedding = Matrix(rows: c.vocabularySize, columns: c.hiddenSize)
        finalNorm = Matrix(rows: 1, columns: c.hiddenSize)
        head = c.tiesEmbeddings ? embedding : Matrix(rows: c.vocabularySize, columns: c.hiddenSize)
        var byName = [
            "model.embed_tokens.weight": embedding, "model.norm.weight": finalNorm,
        ]
        if !c.tiesEmbeddings { byName["lm_head.weight"] = head }
        var layers: [Layer] = []
        for index in 0..<c.layerCount {
            func vector(_ count: Int, if present: Bool) -> Matrix? {
                present ? Matrix(rows: 1, columns: count) : nil
            }
            let layer = Layer(
                attentionNorm: Matrix(rows: 1, columns: c.hiddenSize),
                queryKeyValue: Matrix(rows: c.attentionWidth, columns: c.hiddenSize),
                queryKeyValueBias: vector(c.attentionWidth, if: c.attentionBias),
                queryNorm: vector(c.headSize, if: c.normalisesQueriesAndKeys),
                keyNorm: vector(c.headSize, if: c.normalisesQueriesAndKeys),
                output: Matrix(rows: c.hiddenSize, columns: c.queryWidth),
                outputBias: vector(c.hiddenSize, if: c.outputBias),
                feedForwardNorm: Matrix(rows: 1, columns: c.hiddenSize),
                gateUp: Matrix(rows: 2 * c.intermediateSize, columns: c.hiddenSize),
                gateUpBias: vector(2 * c.intermediateSize, if: c.feedForwardBias),
                down: Matrix(rows: c.hiddenSize, columns: c.intermediateSize),
                downBias: vector(c.hiddenSize, if: c.feedForwardBias))
            layers.append(layer)
            Self.name(layer, index, c, in: &byName)
        }
        self.layers = layers
        self.byName = byName
    }

    private static func name(
        _ layer: Layer, _ index: Int, _ c: ModelConfiguration, in byName: inout [String: Matrix]
    ) {
        let prefix = "model.layers.\(index)."
        byName[prefix + "input_layernorm.weight"] = layer.attentionNorm
        byName[prefix + "post_attention_layernorm.weight"] = layer.feedForwardNorm
        byName[prefix + "self_attn.q_norm.weight"] = layer.queryNorm
        byName[prefix + "self_attn.k_norm.weight"] = layer.keyNorm
        for projection in Projection.allCases {
            let path = ModulePath(layer: index, projection: projection)
            let range = c.rows(of: projection)
            let (weight, bias) =
                switch projection {
                case .query, .key, .value: (layer.queryKeyValue, layer.queryKeyValueBias)
                case .output: (layer.output, layer.outputBias)
                case .gate, .up: (layer.gateUp, layer.gateUpBias)
                case .down: (layer.down, layer.downBias)
                }
            byName[path.weightName] = weight.rows(range)
            byName[path.biasName] = bias?.columns(range)
        }
    }

    /// A view of a weight by its name in the checkpoint; vectors have one row.
    package func weight(named name: String) -> Matrix? { byName[name] }
}

extension ModelConfiguration {
    /// Where a projection's outputs lie among those of the product that it is a part of.
    package func rows(of projection: Projection) -> Range<Int> {
        switch projection {
        case .query: 0..<queryWidth
        case .key: queryWidth..<queryWidth + keyValueWidth
        case .value: queryWidth + keyValueWidth..<attentionWidth
        case .output, .down: 0..<hiddenSize
        case .gate: 0..<intermediateSize
        case .up: intermediateSize..<2 * intermediateSize
        }
    }

    /// Name and shape of every weight, vectors with one row, in the order of the checkpoint's layers.
    package var weightShapes: [(name: String, rows: Int, columns: Int)] {
        var all: [(name: String, rows: Int, columns: Int)] = [
            ("model.embed_tokens.weight", vocabularySize, hiddenSize)
        ]
        for layer in 0..<layerCount {
            let prefix = "model.layers.\(layer)."
            all.append((prefix + "input_layernorm.weight", 1, hiddenSize))
            for projection in Projection.allCases {
                let path = ModulePath(layer: layer, projection: projection)
                let shape = shape(of: projection)
                all.append((path.weightName, shape.outputs, shape.inputs))
                if hasBias(projection) { all.append((path.biasName, 1, shape.outputs)) }
            }
            if normalisesQueriesAndKeys {
                all.append((prefix + "self_attn.q_norm.weight", 1, headSize))
                all.append((prefix + "self_attn.k_norm.weight", 1, headSize))
            }
            all.append((prefix + "post_attention_layernorm.weight", 1, hiddenSize))
        }
        all.append(("model.norm.weight", 1, hiddenSize))
        if !tiesEmbeddings { all.append(("lm_head.weight", vocabularySize, hiddenSize)) }
        return all
    }
}
