package import Traffic

/// One record on its way into the log.
///
/// `earlierHashes` are the keyed hashes of the same original body under the pseudonym keys that were in use before, by
/// key identifier: a record that was first accepted under an older key is still recognised as the same after a rotation.
package enum LogEntry: Sendable {
    case interaction(LoggedInteraction, earlierHashes: [String: [UInt8]] = [:])
    case rating(LoggedRating, earlierHashes: [String: [UInt8]] = [:])

    /// The client's idempotency key.
    package var id: String {
        switch self {
        case .interaction(let logged, _): logged.interaction.id
        case .rating(let logged, _): logged.rating.id
        }
    }
}

/// What became of one record of a batch.
package enum AppendOutcome: Equatable, Sendable {
    /// Stored, under this sequence number of its table.
    case accepted(sequence: Int64)
    /// The same id and body were accepted before; nothing was written.
    case duplicate(sequence: Int64)
    /// The id was accepted before with another body; nothing was written. Only in partial batches.
    case conflict
}

/// Whether one bad record spoils its batch.
package enum AppendMode: Sendable {
    /// The first conflict throws `StoreError.conflict` with its index, and nothing of the batch is stored.
    case allOrNothing
    /// Each record stands for itself.
    case partial
}

/// A point in the log: everything with a sequence number up to these. Interactions and ratings count separately.
package struct LogPosition: Equatable, Codable, Sendable {
    package var interactions: Int64
    package var ratings: Int64

    package init(interactions: Int64, ratings: Int64) {
        self.interactions = interactions
        self.ratings = ratings
    }

    package static let start = LogPosition(interactions: 0, ratings: 0)
}

/// What the log holds of a deployment, over all the time that is kept.
package struct LogCounts: Equatable, Sendable {
    package var interactions: Int
    package var ratings: Int
    /// Distinct units that asked.
    package var units: Int

    package init(interactions: Int, ratings: Int, units: Int) {
        self.interactions = interactions
        self.ratings = ratings
        self.units = units
    }
}

/// What there is of a deployment's interactions from some time on.
package struct WindowCounts: Equatable, Sendable {
    package var interactions: Int
    /// Ratings of these interactions.
    package var ratings: Int
    /// Distinct units that asked.
    package var units: Int
    /// Replacements that redaction made in the texts of both, by kind.
    package var redactions: [String: Int]

    package init(interactions: Int, ratings: Int, units: Int, redactions: [String: Int]) {
        self.interactions = interactions
        self.ratings = ratings
        self.units = units
        self.redactions = redactions
    }
}
