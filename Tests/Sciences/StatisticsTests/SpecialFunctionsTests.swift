import Statistics
import Testing

/// Expected values are SciPy 1.17's. Its own errors stay below 1e-12, and so do ours where a function says so; the bound
/// here is 1e-11 relative.
private func isClose(_ value: Double, _ expected: Double, within tolerance: Double = 1e-11) -> Bool {
    abs(value - expected) <= tolerance * abs(expected)
}

@Suite("Special functions")
struct SpecialFunctionsTests {
    @Test(
        "Upper incomplete gamma",
        arguments: [
            (0.5, 235.0, 3.204562296621856e-104), (0.5, 0.1, 0.6547208460185768), (3, 2.5, 0.5438131158833297),
            (50, 60, 0.08440668109369177), (1000, 900, 0.9994500977342882), (1, 700, 9.85967654375939e-305),
        ])
    func upperGamma(a: Double, x: Double, expected: Double) {
        #expect(isClose(SpecialFunctions.upperGamma(a, x), expected))
        #expect(abs(SpecialFunctions.lowerGamma(a, x) - (1 - expected)) < 1e-12)
    }

    @Test(
        "Incomplete beta",
        arguments: [
            (0.5, 0.5, 0.3, 0.36901011956554536), (2, 3, 0.9, 0.9963), (4500, 0.5, 0.998, 2.1893837028614313e-05),
            (300, 200, 0.55, 0.011853654379737162), (1e5, 2e5, 0.334, 0.7807618138321535),
            (20, 0.5, 0.001, 1.2543043072112107e-61),
        ])
    func beta(a: Double, b: Double, x: Double, expected: Double) {
        // At a, b of 1e5 the input's own rounding is amplified 1e5 times.
        #expect(isClose(SpecialFunctions.beta(a, b, x: x, y: 1 - x), expected, within: 1e-10))
        if expected > 1e-6 {
            #expect(isClose(SpecialFunctions.betaQuantile(expected, a, b), x))
        }
    }

    @Test(
        "Normal quantile",
        arguments: [
            (1e-300, -37.0470962993612), (1e-10, -6.361340902404056), (0.001, -3.090232306167813),
            (0.02, -2.053748910631823), (0.025, -1.9599639845400545), (0.3, -0.5244005127080409),
            (0.975, 1.959963984540054), (0.999999, 4.753424308817087),
        ])
    func normalQuantile(probability: Double, expected: Double) {
        #expect(isClose(NormalDistribution.quantile(probability), expected))
        if probability > 1e-100 {
            #expect(isClose(NormalDistribution.cumulative(expected), probability))
        }
    }

    @Test(
        "Student's upper tail",
        arguments: [
            (0.1, 1, 0.4682744825694465), (2, 3.5, 0.06306926128795672), (5, 10, 0.00026866680137822634),
            (12, 8943.7, 3.177431879523364e-33), (2.1, 1e6, 0.01786454548731753), (-1.5, 7, 0.911350756505015),
        ])
    func studentTail(t: Double, degreesOfFreedom: Double, expected: Double) {
        #expect(
            isClose(
                StudentDistribution.upperTail(t, degreesOfFreedom: degreesOfFreedom), expected,
                within: 1e-11 + 1e-16 * degreesOfFreedom))
    }

    @Test(
        "Student's quantile",
        arguments: [
            (0.975, 1, 12.706204736174694), (0.975, 5.3, 2.5274277882681173), (0.9995, 30, 3.6459586350420627),
            (0.95, 8943.7, 1.6450240181713855), (0.6, 2, 0.2886751345948128), (0.01, 12, -2.680997993120915),
        ])
    func studentQuantile(probability: Double, degreesOfFreedom: Double, expected: Double) {
        #expect(
            isClose(StudentDistribution.quantile(probability, degreesOfFreedom: degreesOfFreedom), expected))
    }

    @Test(
        "Exact binomial bounds",
        arguments: [
            (0, 20, 0.95, 0, 0.13910834066826516), (1, 20, 0.95, 0.002561378776530283, 0.2161061642068473),
            (7, 200, 0.95, 0.016539635017895092, 0.06473252213684852),
            (190, 200, 0.99, 0.9018180833967022, 0.9790921878272653), (20, 20, 0.95, 0.8608916593317348, 1),
        ])
    func binomial(successes: Int, trials: Int, confidence: Double, lower: Double, upper: Double) {
        #expect(
            isClose(BinomialBounds.lower(successes: successes, trials: trials, confidence: confidence), lower))
        #expect(
            isClose(BinomialBounds.upper(successes: successes, trials: trials, confidence: confidence), upper))
    }
}
