/// A difference of two arms' means, adjusted by what the units' earlier ratings explain of it (CUPED: Deng, Xu, Kohavi &
/// Walker 2013; with a ratio of sums and the unit as cluster).
///
/// With z the covariates of unit i (`EarlierRatings`), nᵢ its ratings, m the arm's mean and Z = Σ nᵢ zᵢ ÷ Σ nᵢ, the
/// unit's part of the arm's error is uᵢ = sᵢ − m nᵢ and that of the covariates wᵢ = nᵢ (zᵢ − Z). θ is the least-squares
/// coefficient of u on w over the units of both arms, the difference loses θ · (Z₁ − Z₀), whose expectation is 0 since
/// units are assigned by a hash, and each arm's squared error is K ÷ (K − 2) · Σ (uᵢ − θ wᵢ)² ÷ (Σ nᵢ)². Estimating θ
/// does not spoil the sequence asymptotically, since it converges (Slutsky), and costs an arm one more degree of freedom; the
/// tests measure how often the truth is missed.
struct CovariateAdjustment {
    let difference: Double
    let candidateError: Double
    let incumbentError: Double
    /// Adjusted ÷ unadjusted squared error; nil where there was nothing to adjust by.
    let varianceKept: Double?

    /// Part of the covariates' own squares that is added to them, so that the system can be solved where they are
    /// collinear or do not vary.
    private static let ridge = 1e-6
    /// Part of the covariates' own size below which what they vary by is rounding.
    private static let rounding = 1e-9

    /// Nil where an arm has fewer than two rated units.
    init?(_ candidate: ArmSummary, _ incumbent: ArmSummary) {
        guard let candidateMean = candidate.mean, let incumbentMean = incumbent.mean,
            let candidateError = candidate.squaredError, let incumbentError = incumbent.squaredError
        else { return nil }
        let plain = candidateMean - incumbentMean
        let (treated, control) = (candidate.moments, incumbent.moments)
        let a = treated.squares.mean + control.squares.mean
        let d = treated.squares.weight + control.squares.weight
        let b = treated.squares.both + control.squares.both
        let scale = Self.ridge * (a + d)
        let determinant = (a + scale) * (d + scale) - b * b
        guard a + d > Self.rounding * (treated.size + control.size), determinant > 0,
            min(candidate.ratedUnits, incumbent.ratedUnits) > 2
        else {
            self.difference = plain
            self.candidateError = candidateError
            self.incumbentError = incumbentError
            varianceKept = nil
            return
        }
        let x = treated.products.mean + control.products.mean
        let y = treated.products.weight + control.products.weight
        let theta = (
            mean: ((d + scale) * x - b * y) / determinant, weight: ((a + scale) * y - b * x) / determinant
        )
        difference =
            plain - theta.mean * (treated.covariates.mean - control.covariates.mean)
            - theta.weight * (treated.covariates.weight - control.covariates.weight)
        self.candidateError = candidate.squaredError(adjustedBy: theta)
        self.incumbentError = incumbent.squaredError(adjustedBy: theta)
        varianceKept = (self.candidateError + self.incumbentError) / (candidateError + incumbentError)
    }
}
