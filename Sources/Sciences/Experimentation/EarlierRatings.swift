/// What a unit's ratings on the goal's scale were before it was enrolled. Nothing that the experiment does can change them,
/// so that they may explain a part of what a unit says now (`Covariates`).
package struct EarlierRatings: Equatable, Sendable {
    package var ratings: Int
    /// Σ of their scores in [0, 1].
    package var scores: Double

    package init(ratings: Int = 0, scores: Double = 0) {
        self.ratings = ratings
        self.scores = scores
    }

    /// Ratings that a unit's mean is drawn towards the common one with: one rating says little.
    private static let prior = 2.0

    /// Σ scores ÷ (n + 2) and n ÷ (n + 2). A linear combination of the two is the unit's mean, drawn towards any common mean
    /// by as much as it has few ratings, so that the common one need not be known; without ratings both are 0.
    package var covariates: (mean: Double, weight: Double) {
        let count = Double(ratings)
        return (scores / (count + Self.prior), count / (count + Self.prior))
    }
}
