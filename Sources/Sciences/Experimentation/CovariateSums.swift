/// Sums over an arm's units of products with their covariates: n ratings, s their sum of scores, z the covariates.
struct CovariateSums: Equatable, Sendable {
    /// Σ n z.
    private(set) var first = (mean: 0.0, weight: 0.0)
    /// Σ n² z and Σ s n z.
    private(set) var counts = (mean: 0.0, weight: 0.0)
    private(set) var scores = (mean: 0.0, weight: 0.0)
    /// Σ n² z zᵀ.
    private(set) var squares = (mean: 0.0, weight: 0.0, both: 0.0)

    /// Adds what a unit contributes, or with `sign` −1 takes it away.
    mutating func add(_ totals: UnitTotals, _ earlier: EarlierRatings, sign: Double) {
        guard earlier.ratings > 0 else { return }
        let z = earlier.covariates
        let n = Double(totals.ratings)
        let (count, square, score) = (sign * n, sign * n * n, sign * n * totals.sum)
        first = (first.mean + count * z.mean, first.weight + count * z.weight)
        counts = (counts.mean + square * z.mean, counts.weight + square * z.weight)
        scores = (scores.mean + score * z.mean, scores.weight + score * z.weight)
        squares = (
            squares.mean + square * z.mean * z.mean, squares.weight + square * z.weight * z.weight,
            squares.both + square * z.mean * z.weight
        )
    }

    static func == (left: CovariateSums, right: CovariateSums) -> Bool {
        left.first == right.first && left.counts == right.counts && left.scores == right.scores
            && left.squares == right.squares
    }
}
