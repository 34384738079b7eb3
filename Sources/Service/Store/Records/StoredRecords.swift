package import Traffic

/// An interaction with its place in the log. `sequence` grows with every commit and is never used twice.
package struct StoredInteraction: Equatable, Sendable {
    package var sequence: Int64
    package var logged: LoggedInteraction

    package init(sequence: Int64, logged: LoggedInteraction) {
        self.sequence = sequence
        self.logged = logged
    }
}

/// A rating with its place in the log.
package struct StoredRating: Equatable, Sendable {
    package var sequence: Int64
    package var logged: LoggedRating

    package init(sequence: Int64, logged: LoggedRating) {
        self.sequence = sequence
        self.logged = logged
    }
}

/// An interaction with the ratings of it that count: the latest of each rater on each scale, by time, then by arrival.
package struct RatedInteraction: Equatable, Sendable {
    package var interaction: StoredInteraction
    package var ratings: [StoredRating]

    package init(interaction: StoredInteraction, ratings: [StoredRating]) {
        self.interaction = interaction
        self.ratings = ratings
    }
}
