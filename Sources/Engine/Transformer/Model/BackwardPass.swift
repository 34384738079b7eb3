import Tensors

/// The backward pass through the layers, down to the lowest one that is trained. No gradient is made of a weight that
/// is not asked for.
struct BackwardPass {
    let forward: LayerPass
    let attention: BatchAttention
    let frozen: LowRankAdapter?
    let trainables: Trainables
    let gradients: Gradients

    private var model: Model { forward.model }
    private var pool: ThreadPool { forward.pool }
    private var arena: Arena { forward.arena }
    private var configuration: ModelConfiguration { forward.configuration }

    /// The layers that must be passed, and whether the gradient must reach the embedding.
    static func lowestLayer(_ trainables: Trainables, configuration: ModelConfiguration) -> Int {
        if trainables.weights.contains("model.embed_tokens.weight") { return -1 }
        var lowest = trainables.adapter?.lowestLayer ?? configuration.layerCount
        for name in trainables.weights {
            let parts = name.split(separator: ".")
            if parts.count > 2, parts[1] == "layers", let layer = Int(parts[2]) { lowest = min(lowest, layer) }
        }
        return lowest
    }

    /// Whether anything of the layer is trained in the part named, for example `self_attn.q_proj`.
    private func trains(_ layer: Int, _ projections: [Projection], norms: [String]) -> Bool {
        projections.contains { projection in
            let path = ModulePath(layer: layer, projection: projection)
            return gradients.adapter?.modules[path] != nil || gradients.weights[path.weightName] != nil
                || gradients.weights[path.biasName] != nil
        } || norms.contains { gradients.weights["model.layers.\(layer).\($0).weight"] != nil }
    }

    /// Turns `dx`, the gradient after the layer, into the one before it. Returns false when everything below is frozen.
    func layer(_ layer: Int, lowest: Int, record: LayerRecord, dx: Matrix) -> Bool {
        let mark = arena.mark
        defer { arena.rewind(to: mark) }
        let needsInput = layer > lowest
        let needsKeys =
            needsInput
            || trains(
                layer, [.query, .key, .value],
                norms: ["input_layernorm", "self_attn.q_norm", "self_attn.k_norm"])
        let needsMiddle =
            needsKeys || trains(layer, [.output], norms: ["post_attention_layernorm"])
        feedForward(layer, record: record, dx: dx, needsInput: needsMiddle)
        guard needsMiddle else { return false }
        attentionBlock(layer, record: record, dx: dx, needsKeys: needsKeys, needsInput: needsInput)
        return needsInput
    }

    private func feedForward(_ layer: Int, record: LayerRecord, dx: Matrix, needsInput: Bool) {
        guard let middle = record.middle, let inverse = record.feedForwardInverse, let gateUp = record.gateUp else {
            preconditionFailure("the layer was not recorded")
        }
        let weights = model.weights.layers[layer]
        let width = configuration.intermediateSize
        let mark = arena.mark
        defer { arena.rewind(to: mark) }
        let needsNorm = needsInput
        let innerTrained = needsInput || trains(layer, [.gate, .up], norms: [])

        let dactivated = arena.matrix(dx.rows, width)
        if innerTrained { pool.multiply(dx, weights.down, into: dactivated) }
        if trains(layer, [.down], norms: []) || innerTrained {
            let activated = arena.matrix(dx.rows, width)
            pool.swiglu(gateUp, into: activated)
            module(layer, .down, dx, activated, into: innerTrained ? dactivated : nil, record)
        }
        guard innerTrained else { return }
        let dgateUp = arena.matrix(dx.rows, 2 * width)
        pool.swigluBackward(gateUp, gradient: dactivated, into: dgateUp)

        let normed = arena.matrix(dx.rows, dx.columns)
        pool.rmsNormAgain(middle, weight: weights.feedForwardNorm, inverse: inverse, into: normed)
        let dnormed = arena.matrix(dx.rows, dx.columns)
        if needsNorm { pool.multiply(dgateUp, weights.gateUp, into: dnormed) }
        let target = needsNorm ? dnormed : nil
        module(layer, .gate, dgateUp.columns(0..<width), normed, into: target, record)
        module(layer, .up, dgateUp.columns(width..<2 * width), normed, into: target, record)
        guard needsNorm else { return }
        pool.rmsNormBackward(
            middle, weight: weights.feedForwardNorm, inverse: inverse, gradient: dnormed, into: dx,
            dweight: gradients.weights["model.layers.\(layer).post_attention_layernorm.weight"])
    }

    private func attentionBlock(_ layer: Int, record: LayerRecord, dx: Matrix, needsKeys: Bool, needsInput: Bool) {
        guard let input = record.input, let inverse = record.attentionInverse, let all = record.queryKeyValue,
            let attended = record.attended
        else { preconditionFailure("the layer was not recorded") }
        let weights = model.weights.layers[layer]
        let dattended = arena.matrix(dx.rows, configuration.queryWidth)
        if needsKeys { pool.multiply(dx, weights.output, into: dattended) }
        module(layer, .output, dx, attended, into: needsKeys ? dattended : nil, record)
        guard needsKeys else { return }

        let dall = arena.matrix(dx.rows, configuration.attentionWidth)
        attention.backward(layer, record: record, all: all, gradient: dattended, into: dall)
        pool.rotate(
            dall.columns(0..<configuration.queryWidth + configuration.keyValueWidth),
            headSize: configuration.headSize, cosines: forward.cosines, sines: forward.sines, inverse: true)
        if weights.queryNorm != nil { headNorms(layer, record: record, dall: dall) }

        let normed = arena.matrix(dx.rows, dx.columns)
        pool.rmsNormAgain(input, weight: weights.attentionNorm, inverse: inverse, into: normed)
        let normName = "model.layers.\(layer).input_layernorm.weight"
        let needsNormed = needsInput || gradients.weights[normName] != nil
        let dnormed = arena.matrix(dx.rows, dx.columns)
        if needsNormed { pool.multiply(dall, weights.queryKeyValue, into: dnormed) }
        for projection in [Projection.query, .key, .value] {
            module(
                layer, projection, dall.columns(configuration.rows(of: projection)), normed,
                into: needsNormed ? dnormed : nil, record)
        }
        guard needsNormed else { return }
        pool.rmsNormBackward(
            input, weight: weights.attentionNorm, inverse: inverse, gradient: dnormed, into: dx,
            dweight: gradients.weights[normName])
    }

    /// Gradients through the norms over each head (Qwen 3), in place.
    private func headNorms(_ layer: Int, record: LayerRecord, dall: Matrix) {
        let weights = model.weights.layers[layer]
        guard let before = record.beforeHeadNorms, let inverses = record.headInverses,
            let queryNorm = weights.queryNorm, let keyNorm = weights.keyNorm
        else { preconditionFailure("the layer was not recorded") }
        let size = configuration.headSize
        let result = arena.zeros(dall.rows, before.columns)
        for head in 0..<configuration.headCount + configuration.keyValueHeadCount {
            let columns = head * size..<(head + 1) * size
            let isQuery = head < configuration.headCount
            let name = "model.layers.\(layer).self_attn.\(isQuery ? "q" : "k")_norm.weight"
            pool.rmsNormBackward(
                before.columns(columns), weight: isQuery ? queryNorm : keyNorm, inverse: inverses.rows(head..<head + 1),
                gradient: dall.columns(columns), into: result.columns(columns), dweight: gradients.weights[name])
        }
        dall.columns(0..<before.columns).assign(result)
    }

    /// Gradients of one linear map from those of its outputs: of its weight and bias where they are trained, of the
    /// trained adapter's factors, and what both adapters add to the gradient of its inputs.
    private func module(
        _ layer: Int, _ projection: Projection, _ dy: Matrix, _ x: Matrix, into dx: Matrix?, _ record: LayerRecord
    ) {
        let path = ModulePath(layer: layer, projection: projection)
        if !gradients.weights.isEmpty {
            if let dweight = gradients.weights[path.weightName] {
                pool.multiply(dy, x, transposeFirst: true, into: dweight, beta: 1)
            }
            gradients.weights[path.biasName]?.addColumnSums(of: dy)
        }
        if let factors = trainables.adapter?.factors(layer, projection),
            let sums = gradients.adapter?.factors(layer, projection), let inner = record.inner[projection.rawValue]
        {
            let dinner = arena.matrix(dy.rows, factors.rank)
            pool.multiply(dy, factors.b, into: dinner, alpha: factors.scale)
            pool.multiply(dy, inner, transposeFirst: true, into: sums.b, alpha: factors.scale, beta: 1)
            pool.multiply(dinner, x, transposeFirst: true, into: sums.a, beta: 1)
            if let dx { pool.multiply(dinner, factors.a, into: dx, beta: 1) }
        }
        if let dx, let factors = frozen?.factors(layer, projection) {
            let dinner = arena.matrix(dy.rows, factors.rank)
            pool.multiply(dy, factors.b, into: dinner, alpha: factors.scale)
            pool.multiply(dinner, factors.a, into: dx, beta: 1)
        }
    }
}
