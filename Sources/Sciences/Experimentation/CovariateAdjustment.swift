/// A difference of two arms' means, adjusted by what is known of the units beside their ratings (CUPED: Deng, Xu, Kohavi &
/// Walker 2013; with a ratio of sums and the unit as cluster).
///
/// With z the covariates of unit i (`Covariates`), nᵢ its ratings, m the arm's mean and Z = Σ nᵢ zᵢ ÷ Σ nᵢ, the
/// unit's part of the arm's error is uᵢ = sᵢ − m nᵢ and that of the covariates wᵢ = nᵢ (zᵢ − Z). θ is the least-squares
/// coefficient of u on w over the units of both arms, the difference loses θ · (Z₁ − Z₀), whose expectation is 0 since
/// units are assigned by a hash, and each arm's squared error is K ÷ (K − c) · Σ (uᵢ − θ wᵢ)² ÷ (Σ nᵢ)², c = 2 with the earlier
/// ratings alone and 3 with the difficulty. Estimating θ does not spoil the sequence asymptotically, since it converges
/// (Slutsky), and costs an arm one more degree of freedom for two covariates; the tests measure how often the truth is missed.
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
    ///
    /// - Parameter difficulty: whether it is taken.
    init?(_ candidate: ArmSummary, _ incumbent: ArmSummary, difficulty: Bool) {
        guard let candidateMean = candidate.mean, let incumbentMean = incumbent.mean,
            let candidateError = candidate.squaredError, let incumbentError = incumbent.squaredError
        else { return nil }
        let plain = candidateMean - incumbentMean
        let mask = Covariates.mask(difficulty: difficulty)
        let (treated, control) = (candidate.moments(mask), incumbent.moments(mask))
        let squares = treated.squares + control.squares
        let spent = difficulty ? 3 : 2
        guard squares.trace > Self.rounding * (treated.size + control.size),
            min(candidate.ratedUnits, incumbent.ratedUnits) > spent,
            let theta = squares.solved(
                for: treated.products + control.products, ridge: Self.ridge * squares.trace)
        else {
            self.difference = plain
            self.candidateError = candidateError
            self.incumbentError = incumbentError
            varianceKept = nil
            return
        }
        difference = plain - (theta * (treated.covariates - control.covariates)).sum()
        self.candidateError = candidate.squaredError(treated, adjustedBy: theta, spent: spent)
        self.incumbentError = incumbent.squaredError(control, adjustedBy: theta, spent: spent)
        varianceKept = (self.candidateError + self.incumbentError) / (candidateError + incumbentError)
    }
}
