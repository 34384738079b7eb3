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
    private var earlier = CovariateSums()

    package init() {}

    /// Exchanges what a unit contributed for what it contributes now, so that a late or a corrected rating costs a constant.
    ///
    /// - Parameter earlier: the unit's ratings before its enrolment, always the same.
    package mutating func replace(
        _ old: UnitTotals, by new: UnitTotals, earlier before: EarlierRatings = EarlierRatings()
    ) {
        earlier.add(old, before, sign: -1)
        earlier.add(new, before, sign: 1)
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
        var covariates: (mean: Double, weight: Double)
        var products: (mean: Double, weight: Double)
        var squares: (mean: Double, weight: Double, both: Double)
        /// Σ n² zᵀz: how large the covariates are, whether or not they vary.
        var size: Double
    }

    var moments: Moments {
        let count = Double(max(1, ratings))
        let mean = scores / count
        let z = (mean: earlier.first.mean / count, weight: earlier.first.weight / count)
        let cross = products - mean * countSquares
        return Moments(
            covariates: z,
            products: (
                earlier.scores.mean - mean * earlier.counts.mean - z.mean * cross,
                earlier.scores.weight - mean * earlier.counts.weight - z.weight * cross
            ),
            squares: (
                earlier.squares.mean - 2 * z.mean * earlier.counts.mean + z.mean * z.mean * countSquares,
                earlier.squares.weight - 2 * z.weight * earlier.counts.weight + z.weight * z.weight * countSquares,
                earlier.squares.both - z.mean * earlier.counts.weight - z.weight * earlier.counts.mean
                    + z.mean * z.weight * countSquares
            ), size: earlier.squares.mean + earlier.squares.weight)
    }

    /// Squared error of the mean with the covariates' part θ · w taken out of each unit's residual; with more than two rated
    /// units.
    func squaredError(adjustedBy theta: (mean: Double, weight: Double)) -> Double {
        let moments = moments
        let count = Double(ratings)
        let mean = scores / count
        let residual = scoreSquares - 2 * mean * products + mean * mean * countSquares
        let explained =
            2 * (theta.mean * moments.products.mean + theta.weight * moments.products.weight)
            - theta.mean * theta.mean * moments.squares.mean - theta.weight * theta.weight * moments.squares.weight
            - 2 * theta.mean * theta.weight * moments.squares.both
        return Double(ratedUnits) / Double(ratedUnits - 2) * max(0, residual - explained) / (count * count)
    }

    /// Units that would tell as much if all had equally many ratings: (Σ nᵢ)² ÷ Σ nᵢ² (Kish); 0 without ratings.
    package var effectiveUnits: Double { ratings > 0 ? Double(ratings) * Double(ratings) / countSquares : 0 }

    /// Variance of single ratings.
    package var ratingVariance: Double? {
        guard ratings >= 2, let mean else { return nil }
        return max(0, ratingSquares / Double(ratings) - mean * mean)
    }
}
