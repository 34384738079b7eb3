package import Values

/// A line of `GET …/experiments/{e}/requests`: a request that looks counted.
package struct ExperimentRequestRow: Codable, Equatable, Sendable {
    package var unit: String
    package var interaction: String
    package var time: Timestamp
    /// Absent in what was exported before it was kept.
    package var received: Timestamp?
    package var failed: Bool
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    /// The other arm's adapter answered, so the unit is left out from here on; absent: its own did.
    package var otherArm: Bool?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(
        unit: String, interaction: String, time: Timestamp, received: Timestamp?, failed: Bool,
        latencyMilliseconds: Double? = nil,
        timeToFirstTokenMilliseconds: Double? = nil, promptTokens: Int? = nil, completionTokens: Int? = nil,
        otherArm: Bool? = nil, look: Int? = nil
    ) {
        self.unit = unit
        self.interaction = interaction
        self.time = time
        self.received = received
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.timeToFirstTokenMilliseconds = timeToFirstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.otherArm = otherArm
        self.look = look
    }
}
