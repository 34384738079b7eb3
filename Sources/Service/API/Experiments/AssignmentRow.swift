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
    /// The unit stood in the arm before, as this pseudonym under an older key: both lines are one unit, and its ratings
    /// name that one.
    package var enrolledAs: String?
    /// Ratings on the goal's scale before the enrolment, and the sum of their scores in [0, 1]; absent: none.
    package var earlierRatings: Int?
    package var earlierScores: Double?
    /// Whether the unit had asked nothing when the experiment began; absent: it had.
    package var newcomer: Bool?
    /// Why nothing is decided on the unit's ratings by now: `newcomer`, since it is one; `burst`, since it came to rate with
    /// unusually many others; absent: they count, or wait.
    package var aside: String?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(
        unit: String, arm: String, time: Timestamp, exposure: Double, conversation: String? = nil,
        excluded: String? = nil, enrolledAs: String? = nil, earlierRatings: Int? = nil, earlierScores: Double? = nil,
        newcomer: Bool? = nil, aside: String? = nil, look: Int? = nil
    ) {
        self.unit = unit
        self.arm = arm
        self.time = time
        self.exposure = exposure
        self.conversation = conversation
        self.excluded = excluded
        self.enrolledAs = enrolledAs
        self.earlierRatings = earlierRatings
        self.earlierScores = earlierScores
        self.newcomer = newcomer
        self.aside = aside
        self.look = look
    }
}
