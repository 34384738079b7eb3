package import Values

/// A line of `GET …/ratings`.
package struct RatingRow: Codable, Equatable, Sendable {
    package var seq: Int
    package var id: String
    package var record: String
    package var time: Timestamp
    package var received: Timestamp
    package var interaction: String
    /// Pseudonym of the rater; absent: the interaction's unit.
    package var unit: String?

    package init(
        seq: Int, id: String, record: String, time: Timestamp, received: Timestamp, interaction: String,
        unit: String? = nil
    ) {
        self.seq = seq
        self.id = id
        self.record = record
        self.time = time
        self.received = received
        self.interaction = interaction
        self.unit = unit
    }
}
