import Statistics
import Testing

@Suite("Inverse Gaussian")
struct InverseGaussianTests {
    /// scipy.stats.invgauss(mean / shape, scale=shape), 1.14; relative 1e-9, which is far above rounding.
    @Test(
        "Reference: scipy",
        arguments: [
            (923.0, 558.0, 0.45719270415219093, 0.8747331196493945, 517.2216967226813),
            (10.0, 100.0, 0.0174533721406571, 0.9921060534631888, 9.52719582967832),
            (1.0, 0.1, 0.7183082862671508, 0.8952450125090294, 0.17850101185320677),
        ])
    func reference(_ mean: Double, _ shape: Double, _ half: Double, _ double: Double, _ median: Double) {
        let distribution = InverseGaussian(mean: mean, shape: shape)
        #expect(abs(distribution.cumulative(mean / 2) - half) <= 1e-9 * half)
        #expect(abs(distribution.cumulative(mean * 2) - double) <= 1e-9 * double)
        #expect(abs(distribution.median - median) <= 1e-9 * median)
        #expect(distribution.cumulative(0) == 0 && distribution.cumulative(.infinity) == 1)
    }
}
