package import Values

/// A line of `GET …/experiments/{e}/newcomers`: who was not there when it began and came to rate, enrolled or not. Of several
/// lines of a newcomer that of the earliest look counts, and within it the first.
package struct NewcomerRow: Codable, Equatable, Sendable {
    /// Pseudonyms: the unit whose answer was rated, the rater, or both; one that is enrolled as it was first.
    package var newcomers: [String]
    /// When that rating was received.
    package var received: Timestamp
    /// Why nothing is decided on ratings of theirs by now: `burst`, since one of them came to rate with unusually many others;
    /// absent: they count, or wait.
    package var aside: String?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(newcomers: [String], received: Timestamp, aside: String? = nil, look: Int? = nil) {
        self.newcomers = newcomers
        self.received = received
        self.aside = aside
        self.look = look
    }
}
