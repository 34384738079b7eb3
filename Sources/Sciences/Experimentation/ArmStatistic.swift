/// What an arm's observations add up to, one a unit, for tests on independent units.
///
/// The variance is that of one unit's contribution, so that variance ÷ n is the squared standard error of the mean.
package enum ArmStatistic: Equatable, Sendable {
    /// Independent values.
    case mean(Sums)
    /// 0 or 1 a unit.
    case proportion(units: Int, successes: Double)
    /// Σ numerators ÷ Σ denominators (delta method).
    case ratio(numerator: Sums, denominator: Sums, products: Double)
    /// Outcome − θ · covariate (CUPED, Deng et al. 2013); θ from `theta(_:_:)`.
    case adjusted(outcome: Sums, covariate: Sums, products: Double, theta: Double)

    /// Units, their sum and their sum of squares.
    package struct Sums: Equatable, Sendable {
        package var units: Int
        package var sum: Double
        package var squares: Double

        package init(units: Int, sum: Double, squares: Double) {
            self.units = units
            self.sum = sum
            self.squares = squares
        }

        var mean: Double { units > 0 ? sum / Double(units) : 0 }

        /// Unbiased; 0 below two units.
        var variance: Double {
            units > 1 ? (squares - sum * sum / Double(units)) / Double(units - 1) : 0
        }
    }

    package var units: Int {
        switch self {
        case .mean(let sums): sums.units
        case .proportion(let units, _): units
        case .ratio(let numerator, _, _): numerator.units
        case .adjusted(let outcome, _, _, _): outcome.units
        }
    }

    /// The arm's value; 0 where nothing was observed.
    package var value: Double {
        switch self {
        case .mean(let sums): sums.mean
        case .proportion(let units, let successes): units > 0 ? successes / Double(units) : 0
        case .ratio(let numerator, let denominator, _): denominator.sum == 0 ? 0 : numerator.sum / denominator.sum
        case .adjusted(let outcome, let covariate, _, let theta): outcome.mean - theta * covariate.mean
        }
    }

    /// What a relative difference is relative to.
    var unadjustedValue: Double {
        if case .adjusted(let outcome, _, _, _) = self { return outcome.mean }
        return value
    }

    package var variance: Double {
        switch self {
        case .mean(let sums): return sums.variance
        case .proportion: return value * (1 - value)
        case .ratio(let numerator, let denominator, let products):
            let base = denominator.mean
            guard base != 0, numerator.units > 1 else { return 0 }
            let covariance = Self.covariance(numerator, denominator, products)
            let mean = numerator.mean
            return numerator.variance / (base * base) - 2 * covariance * mean / (base * base * base)
                + mean * mean * denominator.variance / (base * base * base * base)
        case .adjusted(let outcome, let covariate, let products, let theta):
            guard outcome.units > 1 else { return 0 }
            return outcome.variance + theta * theta * covariate.variance
                - 2 * theta * Self.covariance(outcome, covariate, products)
        }
    }

    private static func covariance(_ x: Sums, _ y: Sums, _ products: Double) -> Double {
        x.units > 1 ? (products - x.sum * y.sum / Double(x.units)) / Double(x.units - 1) : 0
    }

    /// θ that makes the adjusted variance smallest: pooled covariance of outcome and covariate ÷ variance of the covariate;
    /// 0 where either does not vary.
    package static func theta(
        _ first: (outcome: Sums, covariate: Sums, products: Double),
        _ second: (outcome: Sums, covariate: Sums, products: Double)
    ) -> Double {
        func joined(_ a: Sums, _ b: Sums) -> Sums {
            Sums(units: a.units + b.units, sum: a.sum + b.sum, squares: a.squares + b.squares)
        }
        let outcome = joined(first.outcome, second.outcome)
        let covariate = joined(first.covariate, second.covariate)
        guard outcome.variance > 0, covariate.variance > 0 else { return 0 }
        return covariance(outcome, covariate, first.products + second.products) / covariate.variance
    }
}
