package import Values

/// A line of `GET …/experiments/{e}/requests`: a request that looks counted.
package struct ExperimentRequestRow: Codable, Equatable, Sendable {
    package var unit: String
    package var interaction: String
    package var time: Timestamp
    package var failed: Bool
    package var latencyMilliseconds: Double?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(
        unit: String, interaction: String, time: Timestamp, failed: Bool, latencyMilliseconds: Double? = nil,
        look: Int? = nil
    ) {
        self.unit = unit
        self.interaction = interaction
        self.time = time
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.look = look
    }
}
