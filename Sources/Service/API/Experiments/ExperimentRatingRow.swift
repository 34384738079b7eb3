package import Values

/// A line of `GET …/experiments/{e}/ratings`: with the assignments, every look can be worked out again.
package struct ExperimentRatingRow: Codable, Equatable, Sendable {
    package var unit: String
    package var rater: String
    package var interaction: String
    package var scale: String
    /// A number, or a word of the scale.
    package var value: JSONValue
    package var time: Timestamp
    package var received: Timestamp
    /// Whether the rater is not the unit, and had neither rated nor asked when the experiment began; absent: no.
    package var newcomer: Bool?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(
        unit: String, rater: String, interaction: String, scale: String, value: JSONValue, time: Timestamp,
        received: Timestamp, newcomer: Bool? = nil, look: Int? = nil
    ) {
        self.unit = unit
        self.rater = rater
        self.interaction = interaction
        self.scale = scale
        self.value = value
        self.time = time
        self.received = received
        self.newcomer = newcomer
        self.look = look
    }
}
