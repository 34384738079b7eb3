import Statistics
import Testing

@Suite("Seeded draws")
struct DrawsTests {
    @Test("The first numbers of a seed stay what they are")
    func stability() {
        // SplitMix64 from 0 is the published vector; xoshiro256** was worked out from its reference code with that state.
        var mixer = SplitMix64(state: 0)
        #expect(mixer.next() == 0xe220_a839_7b1d_cdaf)
        #expect(mixer.next() == 0x6e78_9e6a_a1b9_65f4)
        var generator = SeededGenerator(seed: 0)
        #expect((0..<3).map { _ in generator.next() } == Self.expected)
    }

    @Test("Hashes of texts stay what they are, and spread evenly")
    func stableHashes() {
        // The published vectors of FNV-1a.
        #expect(StableHash.fnv1a("") == 0xcbf2_9ce4_8422_2325)
        #expect(StableHash.fnv1a("a") == 0xaf63_dc4c_8601_ec8c)
        #expect(StableHash.fnv1a("foobar") == 0x8594_4171_f739_67e8)
        var moments = Moments()
        for unit in 0..<20_000 { moments.add(StableHash.uniform("unit-\(unit)", salt: "heldout", seed: 7)) }
        #expect(abs(moments.mean - 0.5) < 0.01)
        #expect(abs(moments.variance! * 12 - 1) < 0.05)
        #expect(StableHash.uniform("u", salt: "a", seed: 7) != StableHash.uniform("u", salt: "b", seed: 7))
        #expect(StableHash.uniform("u", salt: "a", seed: 7) != StableHash.uniform("u", salt: "a", seed: 8))
    }

    private static let expected: [UInt64] = [0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0]

    /// 200,000 draws: a mean is off by more than 5 standard errors with a chance below 1e-6, and the seed is fixed.
    private func check(mean: Double, variance: Double, _ draw: (inout SeededGenerator) -> Double) {
        var generator = SeededGenerator(seed: 42)
        let count = 200_000
        var moments = Moments()
        for _ in 0..<count { moments.add(draw(&generator)) }
        #expect(abs(moments.mean - mean) < 5 * (variance / Double(count)).squareRoot())
        #expect(abs(moments.variance! / variance - 1) < 0.05)
    }

    @Test("Means and variances of the distributions")
    func distributions() {
        check(mean: 0.5, variance: 1.0 / 12) { $0.uniform() }
        check(mean: 0, variance: 1) { $0.normal() }
        check(mean: 1, variance: 1) { $0.exponential() }
        check(mean: 0.3, variance: 0.3) { $0.gamma(shape: 0.3) }
        check(mean: 7, variance: 7) { $0.gamma(shape: 7) }
        check(mean: 2.0 / 7, variance: 10.0 / (49 * 8)) { $0.beta(2, 5) }
        check(mean: 6, variance: 4.2) { Double($0.binomial(trials: 20, probability: 0.3)) }
        check(mean: 300, variance: 210) { Double($0.binomial(trials: 1000, probability: 0.3)) }
        check(mean: 4, variance: 4) { Double($0.poisson(mean: 4)) }
        check(mean: 120, variance: 120) { Double($0.poisson(mean: 120)) }
        check(mean: 3, variance: 4) { Double($0.index(below: 7)) }
    }

    @Test("A shuffle keeps the elements and moves them evenly")
    func shuffle() {
        var generator = SeededGenerator(seed: 1)
        var firsts = [Int](repeating: 0, count: 5)
        for _ in 0..<5000 {
            var elements = [0, 1, 2, 3, 4]
            generator.shuffle(&elements)
            #expect(elements.sorted() == [0, 1, 2, 3, 4])
            firsts[elements[0]] += 1
        }
        // 1,000 each, standard deviation 28.
        #expect(firsts.allSatisfy { abs($0 - 1000) < 150 })
    }
}
