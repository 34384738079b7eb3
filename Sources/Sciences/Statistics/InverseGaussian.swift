import RealModule

/// When a Brownian motion with drift first reaches a height: the inverse Gaussian distribution.
///
/// With drift δ > 0 and variance σ² a unit of time, the height h is reached after h ÷ δ in the mean, with shape h² ÷ σ².
package struct InverseGaussian: Equatable, Sendable {
    /// Both above 0.
    package let mean: Double
    package let shape: Double

    package init(mean: Double, shape: Double) {
        self.mean = mean
        self.shape = shape
    }

    /// P(T ≤ t) = Φ(√(λ/t) (t/μ − 1)) + e^(2λ/μ) Φ(−√(λ/t) (t/μ + 1)); relative error some 1e-12 while 2 λ ÷ μ is below 500.
    package func cumulative(_ time: Double) -> Double {
        guard time > 0 else { return 0 }
        guard time < .infinity else { return 1 }
        let root = (shape / time).squareRoot()
        let first = NormalDistribution.cumulative(root * (time / mean - 1))
        let tail = NormalDistribution.cumulative(-root * (time / mean + 1))
        return min(1, first + (tail > 0 ? .exp(2 * shape / mean + .log(tail)) : 0))
    }

    /// By bisection, to a relative 1e-12.
    package var median: Double {
        var (low, high) = (0.0, mean)
        // The median lies below the mean.
        for _ in 0..<200 where high - low > 1e-12 * high {
            let middle = (low + high) / 2
            if cumulative(middle) < 0.5 { low = middle } else { high = middle }
        }
        return high
    }
}
