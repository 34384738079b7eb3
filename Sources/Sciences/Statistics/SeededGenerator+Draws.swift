import RealModule

extension RandomNumberGenerator {
    /// Uniform in [0, 1): 53 bits.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in 0..<bound, without bias (Lemire 2019, 1805.10941).
    package mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "a draw needs at least one choice")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let floor = (0 &- bound) % bound
            while product.low < floor { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// True with the given chance.
    package mutating func chance(_ probability: Double) -> Bool {
        uniform() < probability
    }

    /// Standard normal, by Marsaglia's polar method; the second value of the pair is thrown away.
    package mutating func normal() -> Double {
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let s = x * x + y * y
            if s > 0, s < 1 { return x * (-2 * Double.log(s) / s).squareRoot() }
        }
    }

    /// Exponential with mean 1.
    package mutating func exponential() -> Double {
        -Double.log(1 - uniform())
    }

    /// Gamma with the given shape above 0 and scale 1 (Marsaglia & Tsang 2000).
    package mutating func gamma(shape: Double) -> Double {
        precondition(shape > 0, "a gamma draw needs a shape above 0")
        if shape < 1 {
            // X(shape) = X(shape + 1) · U^(1 ÷ shape)
            return gamma(shape: shape + 1) * Double.pow(1 - uniform(), 1 / shape)
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if Double.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Double.log(v) { return d * v }
        }
    }

    /// Beta with both parameters above 0.
    package mutating func beta(_ alpha: Double, _ beta: Double) -> Double {
        let x = gamma(shape: alpha)
        let y = gamma(shape: beta)
        return x + y > 0 ? x / (x + y) : 0.5
    }

    /// Number of successes in so many trials. Small cases by counting, large ones by splitting at a beta-distributed
    /// order statistic (Devroye 1986, X.4.3), so that the time is logarithmic in the trials.
    package mutating func binomial(trials: Int, probability: Double) -> Int {
        precondition(trials >= 0, "trials cannot be negative")
        guard probability > 0 else { return 0 }
        guard probability < 1 else { return trials }
        var left = trials
        var p = probability
        var successes = 0
        while left > 32 {
            let middle = left / 2 + 1
            let order = beta(Double(middle), Double(left + 1 - middle))
            if order <= p {
                successes += middle
                left -= middle
                p = min(1, max(0, (p - order) / (1 - order)))
            } else {
                left = middle - 1
                p = min(1, p / order)
            }
        }
        for _ in 0..<left where chance(p) { successes += 1 }
        return successes
    }

    /// Poisson with the given mean, at least 0 (by exponential gaps below 30, above as a gamma mixture: Ahrens & Dieter).
    package mutating func poisson(mean: Double) -> Int {
        var left = mean
        var count = 0
        while left > 30 {
            let step = Int(left * 7 / 8)
            let time = gamma(shape: Double(step))
            if time > left { return count + binomial(trials: step - 1, probability: left / time) }
            count += step
            left -= time
        }
        var sum = exponential()
        while sum < left {
            count += 1
            sum += exponential()
        }
        return count
    }

    /// A random order of the elements (Fisher–Yates from the end).
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
    }
}
