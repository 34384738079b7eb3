import RealModule

/// xoshiro256** (Blackman & Vigna 2018), its 256 bits of state filled from one seed by SplitMix64, as its authors advise.
///
/// Period 2²⁵⁶ − 1. Drawing through its own methods is stable for ever; the standard library's `random(in:using:)` and
/// `shuffled(using:)` accept it too, but their algorithms may change between versions of Swift.
package struct SeededGenerator: RandomNumberGenerator, Codable, Equatable, Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    package init(seed: UInt64) {
        var mixer = SplitMix64(state: seed)
        a = mixer.next()
        b = mixer.next()
        c = mixer.next()
        d = mixer.next()
    }

    /// 64 uniform bits.
    package mutating func next() -> UInt64 {
        let result = Self.rotated(b &* 5, by: 7) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = Self.rotated(d, by: 45)
        return result
    }

    private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }

    /// A generator of its own for part `index` of the work: independent of the others and of the order of drawing.
    package static func stream(seed: UInt64, index: UInt64) -> SeededGenerator {
        var mixer = SplitMix64(state: seed)
        var second = SplitMix64(state: mixer.next() ^ index &* 0xd6e8_feb8_6659_fd93)
        return SeededGenerator(seed: second.next())
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014): 64 bits of state; for seeding and for hashing numbers.
package struct SplitMix64: RandomNumberGenerator, Codable, Equatable, Sendable {
    /// What goes on where it is kept.
    package private(set) var state: UInt64

    package init(state: UInt64) {
        self.state = state
    }

    /// 64 uniform bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    /// The output function: a bijection of 64 bits in which every bit of the input moves every bit of the output.
    package static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
