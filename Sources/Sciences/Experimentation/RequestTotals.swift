/// What one unit's requests came to. A request is rated or not; its score, of several raters their mean, counts as that much of a
/// good rating, the rest as a bad one. Sums of these, over requests instead of ratings, show what ratings that did not come may hide.
struct RequestTotals: Equatable, Sendable {
    private var requests = 0
    private var ratings = 0
    private var scores = 0.0
    private var squares = 0.0

    mutating func serve() { requests += 1 }

    /// A request is none that could be rated, or is one again.
    mutating func dismiss(_ isDismissed: Bool) { requests += isDismissed ? -1 : 1 }

    mutating func rate(_ score: Double, replacing earlier: Double?) {
        if earlier == nil { ratings += 1 }
        scores += score - (earlier ?? 0)
        squares += score * score - (earlier ?? 0) * (earlier ?? 0)
    }

    var good: UnitTotals { UnitTotals(ratings: requests, sum: scores, squares: squares) }

    /// Σ (1 − score)² is worked out from the sums.
    var bad: UnitTotals {
        UnitTotals(
            ratings: requests, sum: Double(ratings) - scores, squares: Double(ratings) - 2 * scores + squares)
    }

    var rated: UnitTotals { UnitTotals(ratings: requests, sum: Double(ratings), squares: Double(ratings)) }
}
