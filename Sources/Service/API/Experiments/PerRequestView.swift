/// Candidate minus incumbent in shares of the requests, rated or not, so that ratings which are missing in one arm show.
package struct PerRequestView: Codable, Equatable, Sendable {
    /// Of requests rated good, rated bad, and rated at all.
    package var good: Double
    package var bad: Double
    package var rated: Double
    /// Lower and upper end, for `rated`: its confidence sequence at 1 %.
    package var ratedInterval: [Double]?
    /// What the difference in good ratings could be at the least and at the most, were every request rated.
    package var bounds: [Double]

    package init(good: Double, bad: Double, rated: Double, ratedInterval: [Double]? = nil, bounds: [Double]) {
        self.good = good
        self.bad = bad
        self.rated = rated
        self.ratedInterval = ratedInterval
        self.bounds = bounds
    }
}
