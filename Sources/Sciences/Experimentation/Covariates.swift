/// What is known of a unit that nothing its arm does can change, so that it may explain a part of what the unit says
/// (`CovariateAdjustment`): what it rated before its enrolment, and how difficult its first query is.
package struct Covariates: Equatable, Sendable {
    package var earlier: EarlierRatings
    package var difficulty: Difficulty

    package init(earlier: EarlierRatings = EarlierRatings(), difficulty: Difficulty = .unknown) {
        self.earlier = earlier
        self.difficulty = difficulty
    }

    /// How difficult a unit's first query is: the mean of −ln p, in nats a token, over what the incumbent answers it greedily,
    /// whichever arm the unit is in.
    package enum Difficulty: Equatable, Sendable {
        /// The incumbent was not asked yet.
        case unknown
        /// It was asked, and there is no figure; by the query alone, so alike in both arms.
        case none
        case nats(Double)
    }

    /// Places of `values`: the mean of earlier ratings and its weight, the difficulty and whether there is one. What is not
    /// known stands with 0 in both places, which is the common mean of those of whom it is known, whatever that is.
    typealias Values = SIMD4<Double>

    var values: Values {
        let before = earlier.covariates
        guard case .nats(let nats) = difficulty else { return Values(before.mean, before.weight, 0, 0) }
        return Values(before.mean, before.weight, nats, 1)
    }

    /// Those of them that are taken: all, or the earlier ratings alone.
    static func mask(difficulty: Bool) -> Values { difficulty ? Values(1, 1, 1, 1) : Values(1, 1, 0, 0) }
}
