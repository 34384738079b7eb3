/// What one arm's ratings add up to at a look, by unit.
package struct ArmSummary: Equatable, Sendable {
    /// Enrolled units, rated or not.
    package var units = 0
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

    package init() {}

    /// Adds a unit's ratings, each in [0, 1].
    package mutating func add(unit values: [Double]) {
        guard !values.isEmpty else { return }
        let sum = values.reduce(0, +)
        let count = Double(values.count)
        ratedUnits += 1
        ratings += values.count
        scores += sum
        scoreSquares += sum * sum
        products += sum * count
        countSquares += count * count
        ratingSquares += values.reduce(0) { $0 + $1 * $1 }
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

    /// Variance of single ratings.
    package var ratingVariance: Double? {
        guard ratings >= 2, let mean else { return nil }
        return max(0, ratingSquares / Double(ratings) - mean * mean)
    }
}
