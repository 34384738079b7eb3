/// Sums over an arm's units of products with their covariates: n ratings, s their sum of scores, z the covariates.
struct CovariateSums: Equatable, Sendable {
    typealias Values = Covariates.Values

    /// Σ n z.
    private(set) var first = Values.zero
    /// Σ n² z and Σ s n z.
    private(set) var counts = Values.zero
    private(set) var scores = Values.zero
    /// Σ n² z zᵀ.
    private(set) var squares = SymmetricMatrix()

    /// Adds what a unit contributes, or with `sign` −1 takes it away.
    mutating func add(_ totals: UnitTotals, _ covariates: Covariates, sign: Double) {
        let z = covariates.values
        guard totals.ratings > 0, z != .zero else { return }
        let n = Double(totals.ratings)
        first += sign * n * z
        counts += sign * n * n * z
        scores += sign * n * totals.sum * z
        squares.add(sign * n * n * z, z)
    }
}
