/// How an operator has a candidate compared with the incumbent, where that is not what is configured.
package struct ComparisonTerms: Codable, Equatable, Sendable {
    /// What a promotion asks for: that the candidate is better on live traffic; that it is not worse there by more than a
    /// margin; or that it is better where both answer the same logged queries, so that nobody is exposed.
    package enum Kind: String, Codable, Sendable, CaseIterable { case superiority, nonInferiority, shadow }

    package var kind: Kind
    /// Smallest difference worth a promotion, as a share of the goal's scale in (0, 1]; nil: as configured.
    package var minimumEffect: Double?
    /// By how much it may be worse at most, as a share of the goal's scale in (0, 1); nil: as configured.
    package var margin: Double?

    package init(kind: Kind, minimumEffect: Double? = nil, margin: Double? = nil) {
        self.kind = kind
        self.minimumEffect = minimumEffect
        self.margin = margin
    }
}

/// A comparison that could be decided in time where the configured one cannot.
package struct ComparisonOffer: Codable, Equatable, Sendable {
    package var terms: ComparisonTerms
    /// Of the deployment's own days, until it is decided; nil: as long as people take to judge.
    package var days: Double?
    /// What it would show, in a sentence.
    package var detail: String

    package init(terms: ComparisonTerms, days: Double?, detail: String) {
        self.terms = terms
        self.days = days
        self.detail = detail
    }
}
