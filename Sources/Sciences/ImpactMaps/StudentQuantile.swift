/// Quantiles of Student's t for the jackknife's interval.
enum StudentQuantile {
    /// t with P(|T| ≤ t) = `confidence`, by the Cornish–Fisher expansion in 1/ν (Abramowitz & Stegun 26.7.5): four
    /// digits for ν ≥ 3 at 95 %.
    static func twoSided(confidence: Double, degreesOfFreedom: Double) -> Double {
        precondition(confidence > 0 && confidence < 1 && degreesOfFreedom >= 3, "0 < confidence < 1, ν ≥ 3")
        let z = normalQuantile((1 + confidence) / 2)
        let z2 = z * z
        let terms = [
            (z2 + 1) * z / 4,
            ((5 * z2 + 16) * z2 + 3) * z / 96,
            (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384,
            ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) * z / 92160,
        ]
        var result = z
        var power = 1.0
        for term in terms {
            power /= degreesOfFreedom
            result += term * power
        }
        return result
    }

    /// The normal quantile by Newton's method.
    private static func normalQuantile(_ probability: Double) -> Double {
        // Φ(x) = ½ + φ(x) · Σ x^(2k+1) ÷ (1·3·…·(2k+1)); the series converges for every x.
        var x = 0.0
        for _ in 0..<60 {
            var term = x
            var sum = x
            var k = 1.0
            while abs(term) > 1e-17 * abs(sum), k < 400 {
                term *= x * x / (2 * k + 1)
                sum += term
                k += 1
            }
            let density = exponential(-x * x / 2) * 0.398_942_280_401_432_7
            let step = (0.5 + density * sum - probability) / density
            x -= max(-1, min(1, step))
            if abs(step) < 1e-14 { break }
        }
        return x
    }

    private static func exponential(_ value: Double) -> Double {
        // Halved until small, then the series, then squared back.
        var halvings = 0
        var small = value
        while abs(small) > 0.5 {
            small /= 2
            halvings += 1
        }
        var term = 1.0
        var sum = 1.0
        for k in 1..<20 {
            term *= small / Double(k)
            sum += term
        }
        for _ in 0..<halvings { sum *= sum }
        return sum
    }
}
