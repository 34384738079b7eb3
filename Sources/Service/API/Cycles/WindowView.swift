package import Values

/// The traffic that something was computed from.
package struct WindowView: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var to: Timestamp
    package var interactions: Int
    package var ratings: Int
    package var units: Int

    package init(from: Timestamp, to: Timestamp, interactions: Int, ratings: Int, units: Int) {
        self.from = from
        self.to = to
        self.interactions = interactions
        self.ratings = ratings
        self.units = units
    }
}
