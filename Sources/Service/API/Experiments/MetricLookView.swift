/// What a look saw of a metric of the design.
package struct MetricLookView: Codable, Equatable, Sendable {
    package var name: String
    /// How much worse it is with the candidate; where its change is relative, as a ratio to what it was.
    package var worsening: Double?
    /// Lower end of that; of the goal the upper end too.
    package var lower: Double?
    package var upper: Double?

    package init(name: String, worsening: Double? = nil, lower: Double? = nil, upper: Double? = nil) {
        self.name = name
        self.worsening = worsening
        self.lower = lower
        self.upper = upper
    }
}
