/// A term that became more frequent.
package struct TermChange: Codable, Equatable, Sendable {
    package var term: String
    /// Share of the queries that hold it.
    package var before: Double
    package var after: Double

    package init(term: String, before: Double, after: Double) {
        self.term = term
        self.before = before
        self.after = after
    }
}
