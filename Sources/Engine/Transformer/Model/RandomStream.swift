/// SplitMix64 (Steele, Lea & Flood 2014): a small seeded generator for initial weights and for sampling.
package struct RandomStream: RandomNumberGenerator, Sendable {
    /// The whole state; a stream made with it goes on where this one stands.
    package private(set) var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// 64 uniform bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1), in steps of 2⁻²⁴.
    package mutating func nextUnit() -> Float {
        Float(next() >> 40) * 0x1p-24
    }
}
