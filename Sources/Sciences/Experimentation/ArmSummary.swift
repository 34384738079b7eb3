/// What one arm's ratings add up to at a look, by unit.
package struct ArmSummary: Equatable, Sendable {
    /// Units with at least one counting rating.
    package private(set) var ratedUnits = 0
    package private(set) var ratings = 0
    private var scores = 0.0
    /// Σ s², Σ s·n, Σ n² over units, where s is a unit's sum of scores and n its number of ratings.
    private var scoreSquares = 0.0
    private var products = 0.0
    private var countSquares = 0.0
    /// Σ of squared scores over ratings.
    private var ratingSquares = 0.0
    private var covariates = CovariateSums()

    package init() {}

    /// Exchanges what a unit contributed for what it contributes now, so that a late or a corrected rating costs a constant.
    ///
    /// - Parameter known: the unit's covariates, the same until `exchange` has others.
    package mutating func replace(
        _ old: UnitTotals, by new: UnitTotals, knowing known: Covariates = Covariates()
    ) {
        covariates.add(old, known, sign: -1)
        covariates.add(new, known, sign: 1)
        ratedUnits += (new.ratings > 0 ? 1 : 0) - (old.ratings > 0 ? 1 : 0)
        ratings += new.ratings - old.ratings
        let count = Double(new.ratings)
        let oldCount = Double(old.ratings)
        scores += new.sum - old.sum
        scoreSquares += new.sum * new.sum - old.sum * old.sum
        products += new.sum * count - old.sum * oldCount
        countSquares += count * count - oldCount * oldCount
        ratingSquares += new.squares - old.squares
    }

    /// More is known of a unit than before.
    ///
    /// - Parameter totals: what it contributes.
    package mutating func exchange(_ old: Covariates, for new: Covariates, of totals: UnitTotals) {
        covariates.add(totals, old, sign: -1)
        covariates.add(totals, new, sign: 1)
    }

    /// Σ scores ÷ Σ ratings; nil without ratings.
    package var mean: Double? { ratings > 0 ? scores / Double(ratings) : nil }

    /// Squared standard error of the mean with the unit as cluster (ratio estimator, delta method):
    /// K ÷ (K − 1) · Σ (sᵢ − m nᵢ)² ÷ (Σ nᵢ)². Nil with fewer than two rated units.
    package var squaredError: Double? {
        guard ratedUnits >= 2, let mean else { return nil }
        let count = Double(ratings)
        let residual = max(0, scoreSquares - 2 * mean * products + mean * mean * countSquares)
        return Double(ratedUnits) / Double(ratedUnits - 1) * residual / (count * count)
    }

    /// Means of the covariates over ratings, and over units Σ w u and Σ w wᵀ (`CovariateAdjustment`).
    struct Moments {
        var covariates: Covariates.Values
        var products: Covariates.Values
        var squares: SymmetricMatrix
        /// Σ n² zᵀz: how large the covariates are, whether or not they vary.
        var size: Double
    }

    /// - Parameter mask: 1 for covariates that are taken, else 0.
    func moments(_ mask: Covariates.Values) -> Moments {
        let count = Double(max(1, ratings))
        let mean = scores / count
        let z = mask * covariates.first / count
        let counts = mask * covariates.counts
        var squares = covariates.squares.masked(mask)
        let size = squares.trace
        squares.add(-z, counts)
        squares.add(-counts, z)
        squares.add(countSquares * z, z)
        return Moments(
            covariates: z,
            products: mask * (covariates.scores - mean * covariates.counts) - (products - mean * countSquares) * z,
            squares: squares, size: size)
    }

    /// Squared error of the mean with the covariates' part θ · w taken out of each unit's residual.
    ///
    /// - Parameter spent: degrees of freedom; fewer than the rated units.
    func squaredError(_ moments: Moments, adjustedBy theta: Covariates.Values, spent: Int) -> Double {
        let count = Double(ratings)
        let mean = scores / count
        let residual = scoreSquares - 2 * mean * products + mean * mean * countSquares
        let explained = (theta * (2 * moments.products - moments.squares * theta)).sum()
        return Double(ratedUnits) / Double(ratedUnits - spent) * max(0, residual - explained) / (count * count)
    }

    /// Units that would tell as much if all had equally many ratings: (Σ nᵢ)² ÷ Σ nᵢ² (Kish); 0 without ratings.
    package var effectiveUnits: Double { ratings > 0 ? Double(ratings) * Double(ratings) / countSquares : 0 }

    /// Variance of single ratings.
    package var ratingVariance: Double? {
        guard ratings >= 2, let mean else { return nil }
        return max(0, ratingSquares / Double(ratings) - mean * mean)
    }
}
