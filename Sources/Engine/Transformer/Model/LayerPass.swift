import Tensors

/// The parts of a decoder layer's forward pass that training, evaluation and decoding have in common.
///
/// A layer computes, for rows x of the residual stream (`W` a weight with its adapters):
///
///     h = norm(x);  q, k, v = W h, rotated by position;  x += W attention(q, k, v)
///     h = norm(x);  x += W (silu(W h) · W h)
struct LayerPass {
    let model: Model
    let pool: ThreadPool
    /// What outlives the layer where it is recorded, and what does not.
    let arena: Arena
    let layerArena: Arena
    let adapters: [AdapterRows]
    let cosines: Matrix
    let sines: Matrix

    init(model: Model, workspace: Workspace, positions: [Int32], adapters: [AdapterRows]) {
        self.model = model
        pool = workspace.pool
        arena = workspace.arena
        layerArena = workspace.layerArena
        self.adapters = adapters
        let half = model.configuration.headSize / 2
        cosines = arena.matrix(positions.count, half)
        sines = arena.matrix(positions.count, half)
        for (row, position) in positions.enumerated() {
            model.rotary.fill(row: row, position: Int(position), cosines: cosines, sines: sines)
        }
    }

    var configuration: ModelConfiguration { model.configuration }

    /// The residual stream before the first layer: a row of the embedding for each token.
    func embed(_ tokens: [Int32]) -> Matrix {
        let x = arena.matrix(tokens.count, configuration.hiddenSize)
        for (row, token) in tokens.enumerated() {
            x.assignRow(row, from: model.weights.embedding, row: Int(token))
        }
        return x
    }

    /// Queries, keys and values of a layer, rotated; with what the backward pass needs of how they came to be.
    func attentionInputs(_ layer: Int, _ x: Matrix, record: LayerRecord?) -> Matrix {
        let weights = model.weights.layers[layer]
        layerArena.reset()
        let normed = layerArena.matrix(x.rows, x.columns)
        let inverse = arena.matrix(1, x.rows)
        pool.rmsNorm(
            x, weight: weights.attentionNorm, epsilon: configuration.normEpsilon, into: normed,
            inverse: inverse)
        let all = arena.matrix(x.rows, configuration.attentionWidth)
        pool.multiply(normed, weights.queryKeyValue, transposeSecond: true, into: all)
        if let bias = weights.queryKeyValueBias { pool.addBias(bias, to: all) }
        for projection in [Projection.query, .key, .value] {
            addAdapters(layer, projection, normed, to: all.columns(configuration.rows(of: projection)), record: record)
        }
        if let queryNorm = weights.queryNorm, let keyNorm = weights.keyNorm {
            normaliseHeads(all, queryNorm, keyNorm, record: record)
        }
        let rotated = all.columns(0..<configuration.queryWidth + configuration.keyValueWidth)
        pool.rotate(rotated, headSize: configuration.headSize, cosines: cosines, sines: sines)
        record?.attentionInverse = inverse
        record?.queryKeyValue = all
        return all
    }

    /// RMS norms over each head's queries and keys (Qwen 3), in place.
    private func normaliseHeads(_ all: Matrix, _ queryNorm: Matrix, _ keyNorm: Matrix, record: LayerRecord?) {
        let heads = configuration.headCount + configuration.keyValueHeadCount
        let inverses = arena.matrix(heads, all.rows)
        if let record {
            let before = arena.matrix(all.rows, heads * configuration.headSize)
            before.assign(all.columns(0..<heads * configuration.headSize))
            record.beforeHeadNorms = before
            record.headInverses = inverses
        }
        for head in 0..<heads {
            let part = all.columns(head * configuration.headSize..<(head + 1) * configuration.headSize)
            pool.rmsNorm(
                part, weight: head < configuration.headCount ? queryNorm : keyNorm,
                epsilon: configuration.normEpsilon, into: part, inverse: inverses.rows(head..<head + 1))
        }
    }

    /// `x += W attended`
    func addOutput(_ layer: Int, _ attended: Matrix, to x: Matrix, record: LayerRecord?) {
        let weights = model.weights.layers[layer]
        pool.multiply(attended, weights.output, transposeSecond: true, into: x, beta: 1)
        if let bias = weights.outputBias { pool.addBias(bias, to: x) }
        addAdapters(layer, .output, attended, to: x, record: record)
    }

    /// `x += W (silu(W h) · W h)` with h = norm(x)
    func addFeedForward(_ layer: Int, _ x: Matrix, into out: Matrix, record: LayerRecord?) {
        let weights = model.weights.layers[layer]
        layerArena.reset()
        let normed = layerArena.matrix(x.rows, x.columns)
        let inverse = arena.matrix(1, x.rows)
        pool.rmsNorm(
            x, weight: weights.feedForwardNorm, epsilon: configuration.normEpsilon, into: normed, inverse: inverse)
        let gateUp = arena.matrix(x.rows, 2 * configuration.intermediateSize)
        pool.multiply(normed, weights.gateUp, transposeSecond: true, into: gateUp)
        if let bias = weights.gateUpBias { pool.addBias(bias, to: gateUp) }
        let middle = configuration.intermediateSize
        addAdapters(layer, .gate, normed, to: gateUp.columns(0..<middle), record: record)
        addAdapters(layer, .up, normed, to: gateUp.columns(middle..<2 * middle), record: record)
        let activated = layerArena.matrix(x.rows, middle)
        pool.swiglu(gateUp, into: activated)
        pool.multiply(activated, weights.down, transposeSecond: true, into: out, beta: 1)
        if let bias = weights.downBias { pool.addBias(bias, to: out) }
        addAdapters(layer, .down, activated, to: out, record: record)
        record?.feedForwardInverse = inverse
        record?.gateUp = gateUp
    }

    /// `y += scale · B A x` for each adapter on its rows.
    func addAdapters(_ layer: Int, _ projection: Projection, _ x: Matrix, to y: Matrix, record: LayerRecord?) {
        for part in adapters {
            guard let factors = part.adapter.factors(layer, projection) else { continue }
            let inner = arena.matrix(part.rows.count, factors.rank)
            pool.multiply(x.rows(part.rows), factors.a, transposeSecond: true, into: inner)
            pool.multiply(
                inner, factors.b, transposeSecond: true, into: y.rows(part.rows), alpha: factors.scale, beta: 1)
            if let record, record.trained === part.adapter { record.inner[projection.rawValue] = inner }
        }
    }
}
