import ImpactMaps

/// SplitMix64, so that simulations repeat.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Roughly normal: the sum of twelve uniforms less six, mean 0, variance 1.
    mutating func gaussian() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

/// A model's modules with a true impact each, from which noisy maps are drawn.
struct SimulatedTraffic {
    var truth: [Double]
    var names: [String]
    var costs: [Int]

    init(layers: Int, generator: inout SplitMix) {
        truth = []
        names = []
        costs = []
        for layer in 0..<layers {
            for (projection, cost) in [
                ("self_attn.q_proj", 512), ("self_attn.k_proj", 384), ("self_attn.v_proj", 384),
                ("self_attn.o_proj", 512), ("mlp.gate_proj", 960), ("mlp.up_proj", 960), ("mlp.down_proj", 960),
            ] {
                names.append("layers.\(layer).\(projection)")
                costs.append(cost)
                // A wide spread: impact per parameter differs by a factor of about ten between modules.
                let factor = 1 + 9 * generator.unit()
                truth.append(Double(cost) * factor)
            }
        }
    }

    /// A map of `folds` folds: each fold has a size factor of its own (its units) and each module noise of its own.
    func map(folds: Int, noise: Double, generator: inout SplitMix) throws -> ImpactMap {
        let sizes = (0..<folds).map { _ in 1 + 0.2 * abs(generator.gaussian()) }
        return try ImpactMap(
            modules: truth.indices.map { index in
                ImpactMap.Module(
                    name: names[index],
                    folds: sizes.map { $0 * truth[index] * max(0.05, 1 + noise * generator.gaussian()) },
                    cost: costs[index])
            })
    }
}
