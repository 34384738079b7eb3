package import Values

/// A line of `GET …/experiments/{e}/assignments`.
package struct AssignmentRow: Codable, Equatable, Sendable {
    /// Pseudonym.
    package var unit: String
    package var arm: String
    package var time: Timestamp
    /// At enrolment, in percent.
    package var exposure: Double
    package var conversation: String?
    /// Why the unit does not count; absent: it does.
    package var excluded: String?

    package init(
        unit: String, arm: String, time: Timestamp, exposure: Double, conversation: String? = nil,
        excluded: String? = nil
    ) {
        self.unit = unit
        self.arm = arm
        self.time = time
        self.exposure = exposure
        self.conversation = conversation
        self.excluded = excluded
    }
}
