/// A comparison that could be decided in time where the configured one cannot.
package struct OfferView: Codable, Equatable, Sendable {
    package var terms: TermsView
    /// Until it is decided; absent: as long as people take to judge.
    package var days: Double?
    package var detail: String
    /// What an operator types to choose it.
    package var command: String

    package init(terms: TermsView, days: Double? = nil, detail: String, command: String) {
        self.terms = terms
        self.days = days
        self.detail = detail
        self.command = command
    }
}
