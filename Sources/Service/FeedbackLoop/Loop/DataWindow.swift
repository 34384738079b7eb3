package import Store
package import Values

/// The new traffic that a cycle is about, in numbers that stay when people are erased.
package struct DataWindow: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var to: Timestamp
    package var interactions: Int
    package var ratings: Int
    package var units: Int
    /// Replacements that redaction made in its texts, by kind.
    package var redactions: [String: Int]

    package init(from: Timestamp, to: Timestamp, counts: WindowCounts) {
        self.from = from
        self.to = to
        interactions = counts.interactions
        ratings = counts.ratings
        units = counts.units
        redactions = counts.redactions
    }
}
