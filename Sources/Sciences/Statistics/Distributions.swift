import RealModule

/// The standard normal distribution.
package enum NormalDistribution {
    /// φ(z) = exp(−z² ÷ 2) ÷ √(2π).
    package static func density(_ z: Double) -> Double {
        .exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
    }

    /// Φ(z); relative error some 1e-15, in the lower tail too.
    package static func cumulative(_ z: Double) -> Double { 0.5 * .erfc(-z / 2.0.squareRoot()) }

    /// z with Φ(z) = probability, in (0, 1): Acklam's rational start, three Halley steps; relative error below 1e-14.
    package static func quantile(_ probability: Double) -> Double {
        guard probability > 0 else { return -.infinity }
        guard probability < 1 else { return .infinity }
        if probability > 0.5 { return -quantile(1 - probability) }
        var z: Double
        if probability < 0.024_25 {
            // Tail: z ≈ −√(−2 ln p) to a few percent is enough for what follows.
            let t = (-2 * Double.log(probability)).squareRoot()
            let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328)
            let denominator = 1 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308))
            z = numerator / denominator - t
        } else {
            let q = probability - 0.5
            z = q * (2 * Double.pi).squareRoot() * (1 + .pi / 3 * q * q)
        }
        for _ in 0..<6 {
            let error = (cumulative(z) - probability) / density(z)
            let step = error / (1 + 0.5 * z * error)
            z -= step
            if abs(step) <= 1e-16 * abs(z) { break }
        }
        return z
    }
}

/// Student's t with ν degrees of freedom, ν above 0 and not necessarily whole.
package enum StudentDistribution {
    /// P(T > t); relative error below 1e-12 + 1e-16 ν, the rounding of ν ÷ (ν + t²).
    package static func upperTail(_ t: Double, degreesOfFreedom: Double) -> Double {
        guard t.isFinite else { return t > 0 ? 0 : 1 }
        let square = t * t
        let total = degreesOfFreedom + square
        let tail =
            0.5 * SpecialFunctions.beta(degreesOfFreedom / 2, 0.5, x: degreesOfFreedom / total, y: square / total)
        return t >= 0 ? tail : 1 - tail
    }

    /// P(T ≤ t); error as `upperTail`.
    package static func cumulative(_ t: Double, degreesOfFreedom: Double) -> Double {
        upperTail(-t, degreesOfFreedom: degreesOfFreedom)
    }

    private static func density(_ t: Double, _ nu: Double) -> Double {
        .exp(
            -0.5 * (nu + 1) * .log(onePlus: t * t / nu) - 0.5 * .log(nu) - SpecialFunctions.logBeta(nu / 2, 0.5))
    }

    /// t with P(T ≤ t) = probability; relative error below 1e-12. Bracketed Newton steps on the tail.
    package static func quantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
        guard probability > 0 else { return -.infinity }
        guard probability < 1 else { return .infinity }
        if probability < 0.5 { return -upperQuantile(probability, degreesOfFreedom) }
        return probability == 0.5 ? 0 : upperQuantile(1 - probability, degreesOfFreedom)
    }

    /// t with P(T > t) = tail, tail below ½.
    private static func upperQuantile(_ tail: Double, _ nu: Double) -> Double {
        var low = 0.0
        var high = 2.0
        while upperTail(high, degreesOfFreedom: nu) > tail, high < 1e300 { high *= 4 }
        var t = min(high, max(low, -NormalDistribution.quantile(tail)))
        for _ in 0..<200 {
            let value = upperTail(t, degreesOfFreedom: nu)
            if value > tail { low = t } else { high = t }
            var next = t + (value - tail) / density(t, nu)
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            if abs(next - t) <= 1e-15 * abs(t) { return next }
            t = next
        }
        return t
    }
}

/// The chi-square distribution.
package enum ChiSquareDistribution {
    /// P(X > x); relative error as `SpecialFunctions.upperGamma`.
    package static func upperTail(_ x: Double, degreesOfFreedom: Double) -> Double {
        SpecialFunctions.upperGamma(degreesOfFreedom / 2, max(0, x) / 2)
    }
}
