/// How a candidate is compared with the incumbent, where that is not what is configured.
package struct TermsView: Codable, Equatable, Sendable {
    /// What a promotion asks for.
    package enum Comparison: String, Codable, CaseIterable, Equatable, Sendable {
        case superiority, nonInferiority, shadow
    }

    package var comparison: Comparison
    /// `superiority`: smallest difference worth a promotion, as a share of the goal's scale; absent: as configured.
    package var minimumEffect: Double?
    /// `nonInferiority`: by how much the candidate may be worse at most; absent: as configured.
    package var margin: Double?

    package init(comparison: Comparison, minimumEffect: Double? = nil, margin: Double? = nil) {
        self.comparison = comparison
        self.minimumEffect = minimumEffect
        self.margin = margin
    }
}
