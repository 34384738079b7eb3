/// SplitMix64 (Steele et al. 2014), one independent stream for each purpose, so that nothing about randomness has to
/// stand in a checkpoint.
package struct TrainingRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64, stream: UInt64) {
        state = seed
        let first = next()
        state = first ^ (stream &* 0xD134_2543_DE82_EF95)
        _ = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in [0, 1).
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Fisher and Yates; written out because the standard library does not promise its algorithm.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for index in stride(from: elements.count - 1, to: 0, by: -1) {
            let other = Int((UInt64(index) + 1).multipliedFullWidth(by: next()).high)
            elements.swapAt(index, other)
        }
    }
}
