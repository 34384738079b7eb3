/// The shape of a decoder: what `config.json` says, in one form for all architectures.
package struct ModelConfiguration: Sendable, Equatable {
    /// The families of decoders that are read, by the `model_type` of `config.json`. They differ in what that file may
    /// leave out, in biases and in norms of queries and keys.
    package enum Architecture: String, Sendable, CaseIterable {
        case llama, mistral, qwen2, qwen3
    }

    /// How the angles of the rotary embedding are made.
    package enum RotaryScaling: Sendable, Equatable {
        case none
        /// All frequencies divided by the factor.
        case linear(factor: Double)
        /// Llama 3: long wavelengths divided by the factor, short ones kept, between them a linear blend.
        case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
    }

    package var architecture: Architecture
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var intermediateSize: Int
    package var layerCount: Int
    package var headCount: Int
    package var keyValueHeadCount: Int
    package var headSize: Int
    package var normEpsilon: Float
    package var tiesEmbeddings: Bool
    package var attentionBias: Bool
    package var outputBias: Bool
    package var feedForwardBias: Bool
    /// RMS norms over each head's queries and keys before the rotation (Qwen 3).
    package var normalisesQueriesAndKeys: Bool
    package var rotaryBase: Double
    package var rotaryScaling: RotaryScaling
    package var maximumPositions: Int
    /// For each layer, the most positions that a token sees, its own included; nil for all.
    package var slidingWindows: [Int?]
    package var beginToken: Int32?
    /// Any of these ends an answer.
    package var endTokens: [Int32]
    package var paddingToken: Int32?

    /// A configuration of one's own, for tests and for a base that is trained from nothing.
    package init(
        architecture: Architecture = .llama, vocabularySize: Int, hiddenSize: Int, intermediateSize: Int,
        layerCount: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int, normEpsilon: Float = 1e-5,
        tiesEmbeddings: Bool = true, attentionBias: Bool = false, outputBias: Bool = false,
        feedForwardBias: Bool = false, normalisesQueriesAndKeys: Bool = false, rotaryBase: Double = 10_000,
        rotaryScaling: RotaryScaling = .none, maximumPositions: Int, slidingWindow: Int? = nil,
        beginToken: Int32? = nil, endTokens: [Int32] = [], paddingToken: Int32? = nil
    ) {
        precondition(headCount % keyValueHeadCount == 0 && headSize % 2 == 0 && layerCount > 0)
        self.architecture = architecture
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.normEpsilon = normEpsilon
        self.tiesEmbeddings = tiesEmbeddings
        self.attentionBias = attentionBias
        self.outputBias = outputBias
        self.feedForwardBias = feedForwardBias
        self.normalisesQueriesAndKeys = normalisesQueriesAndKeys
        self.rotaryBase = rotaryBase
        self.rotaryScaling = rotaryScaling
        self.maximumPositions = maximumPositions
        slidingWindows = [Int?](repeating: slidingWindow, count: layerCount)
        self.beginToken = beginToken
        self.endTokens = endTokens
        self.paddingToken = paddingToken
    }

    package var queryWidth: Int { headCount * headSize }
    package var keyValueWidth: Int { keyValueHeadCount * headSize }
    /// Width of queries, keys and values side by side.
    package var attentionWidth: Int { queryWidth + 2 * keyValueWidth }

    /// Rows and columns of a projection's weight.
    package func shape(of projection: Projection) -> (outputs: Int, inputs: Int) {
        switch projection {
        case .query: (queryWidth, hiddenSize)
        case .key, .value: (keyValueWidth, hiddenSize)
        case .output: (hiddenSize, queryWidth)
        case .gate, .up: (intermediateSize, hiddenSize)
        case .down: (hiddenSize, intermediateSize)
        }
    }

    package func hasBias(_ projection: Projection) -> Bool {
        switch projection {
        case .query, .key, .value: attentionBias
        case .output: outputBias
        case .gate, .up, .down: feedForwardBias
        }
    }

    /// Every linear map, in order of layer and projection.
    package var modules: [ModulePath] {
        (0..<layerCount).flatMap { layer in Projection.allCases.map { ModulePath(layer: layer, projection: $0) } }
    }

    package var parameterCount: Int {
        weightShapes.reduce(0) { $0 + $1.rows * $1.columns }
    }
}
