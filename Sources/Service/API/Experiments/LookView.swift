package import Values

/// One look at the data.
package struct LookView: Codable, Equatable, Sendable {
    package var time: Timestamp
    package var units: Int
    package var rated: Int
    /// Candidate minus incumbent.
    package var difference: Double?
    /// Of the difference: lower and upper end.
    package var interval: [Double]?
    /// Of the difference, by the sequence that is valid from the first unit.
    package var harmInterval: [Double]?
    package var decision: String

    package init(
        time: Timestamp, units: Int, rated: Int, difference: Double? = nil, interval: [Double]? = nil,
        harmInterval: [Double]? = nil, decision: String
    ) {
        self.time = time
        self.units = units
        self.rated = rated
        self.difference = difference
        self.interval = interval
        self.harmInterval = harmInterval
        self.decision = decision
    }
}
