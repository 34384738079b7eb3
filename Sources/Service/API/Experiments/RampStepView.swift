package import Values

/// A step of exposure.
package struct RampStepView: Codable, Equatable, Sendable {
    /// In percent of the units, for each arm.
    package var exposure: Double
    package var started: Timestamp?
    package var ended: Timestamp?
    /// Why it ended.
    package var reason: String?

    package init(exposure: Double, started: Timestamp? = nil, ended: Timestamp? = nil, reason: String? = nil) {
        self.exposure = exposure
        self.started = started
        self.ended = ended
        self.reason = reason
    }
}
