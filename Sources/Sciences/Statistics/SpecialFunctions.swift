import RealModule

/// Functions that the distributions rest on.
package enum SpecialFunctions {
    /// ln Γ(x) for x above 0; relative error some 1e-15 away from the zeros at 1 and 2.
    package static func logGamma(_ x: Double) -> Double { .logGamma(x) }

    /// ln B(a, b), both above 0. For a large argument the gammas' large parts are cancelled by hand (Stirling's series), so
    /// that the absolute error stays some 1e-15 times the result and not times ln Γ.
    package static func logBeta(_ a: Double, _ b: Double) -> Double {
        let small = min(a, b)
        let large = max(a, b)
        guard large >= 10 else { return logGamma(a) + logGamma(b) - logGamma(a + b) }
        if small >= 10 {
            let sum = small + large
            let corrections = stirling(small) + stirling(large) - stirling(sum)
            let powers: Double = small * .log(small / sum) - (large - 0.5) * .log(onePlus: small / large)
            return 0.5 * Double.log(2 * .pi) - 0.5 * Double.log(small) + corrections + powers
        }
        // ln Γ(large) − ln Γ(large + small)
        let spread: Double = (large + small - 0.5) * .log(onePlus: small / large)
        let difference: Double = small - small * .log(large) - spread + stirling(large) - stirling(large + small)
        return logGamma(small) + difference
    }

    /// ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π) for x ≥ 10 (Abramowitz & Stegun 6.1.41; error below 1e-17).
    private static func stirling(_ x: Double) -> Double {
        let y = 1 / (x * x)
        let coefficients: [Double] = [
            1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156, -3617.0 / 122_400,
        ]
        return coefficients.reversed().reduce(0) { $0 * y + $1 } / x
    }

    /// Regularised upper incomplete gamma Q(a, x), a above 0, x at least 0. Series of P below a + 1, Lentz's continued
    /// fraction above it (Numerical Recipes 6.2); relative error below 1e-12 for a up to 1e5, also far out in the tail.
    package static func upperGamma(_ a: Double, _ x: Double) -> Double {
        guard x > 0 else { return 1 }
        guard x.isFinite else { return 0 }
        if x < a + 1 { return 1 - lowerSeries(a, x) }
        return upperFraction(a, x)
    }

    /// Regularised lower incomplete gamma P(a, x); as `upperGamma`.
    package static func lowerGamma(_ a: Double, _ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x.isFinite else { return 1 }
        if x < a + 1 { return lowerSeries(a, x) }
        return 1 - upperFraction(a, x)
    }

    private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var n = a
        for _ in 0..<100_000 {
            n += 1
            term *= x / n
            sum += term
            if term < sum * 1e-17 { break }
        }
        return sum * .exp(a * .log(x) - x - logGamma(a))
    }

    private static func upperFraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var fraction = d
        for i in 1..<100_000 {
            let numerator = -Double(i) * (Double(i) - a)
            b += 2
            d = numerator * d + b
            if abs(d) < tiny { d = tiny }
            c = b + numerator / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let change = d * c
            fraction *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return fraction * .exp(a * .log(x) - x - logGamma(a))
    }

    /// Regularised incomplete beta I(x; a, b), a and b above 0, with y = 1 − x given beside x so that neither end loses
    /// digits. Lentz's continued fraction (Numerical Recipes 6.4); relative error below 1e-12 for a, b up to 1e6.
    package static func beta(_ a: Double, _ b: Double, x: Double, y: Double) -> Double {
        guard x > 0 else { return 0 }
        guard y > 0 else { return 1 }
        let logX: Double = x < 0.5 ? .log(x) : .log(onePlus: -y)
        let logY: Double = y < 0.5 ? .log(y) : .log(onePlus: -x)
        let front = Double.exp(a * logX + b * logY - logBeta(a, b))
        if x <= (a + 1) / (a + b + 2) { return front * betaFraction(a, b, x) / a }
        return 1 - front * betaFraction(b, a, y) / b
    }

    private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        if abs(d) < tiny { d = tiny }
        d = 1 / d
        var fraction = d
        for step in 1..<100_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m))
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m))
            var change = 1.0
            for numerator in [even, odd] {
                d = 1 + numerator * d
                if abs(d) < tiny { d = tiny }
                c = 1 + numerator / c
                if abs(c) < tiny { c = tiny }
                d = 1 / d
                change = d * c
                fraction *= change
            }
            if abs(change - 1) < 1e-16 { break }
        }
        return fraction
    }

    /// The x in [0, 1] with I(x; a, b) = probability, by bisection on the exponent and mantissa of x: absolute error below
    /// 1e-15, relative error below 1e-12.
    package static func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        guard probability > 0 else { return 0 }
        guard probability < 1 else { return 1 }
        var low = 0.0
        var high = 1.0
        for _ in 0..<200 {
            let middle = low > 0 && high / low > 4 ? (low * high).squareRoot() : 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if beta(a, b, x: middle, y: 1 - middle) < probability { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}
