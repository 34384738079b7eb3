package import Values

/// A rating with which a unit or a rater came that was not there when an experiment began.
package struct NewcomerRating: Equatable, Sendable {
    /// The rating's sequence number, and that of what it rates.
    package var sequence: Int64
    package var interactionSequence: Int64
    /// Pseudonyms of who was not there: the unit, the rater, or both; one that is enrolled as it was first.
    package var newcomers: [String]
    package var received: Timestamp

    package init(sequence: Int64, interactionSequence: Int64, newcomers: [String], received: Timestamp) {
        self.sequence = sequence
        self.interactionSequence = interactionSequence
        self.newcomers = newcomers
        self.received = received
    }
}
