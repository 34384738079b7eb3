package import Values

/// A line of `GET …/interactions`: enough to find each accepted id once.
package struct InteractionRow: Codable, Equatable, Sendable {
    /// Place in the log.
    package var seq: Int
    package var id: String
    /// `sha256:` over the stored row's canonical JSON (RFC 8785).
    package var record: String
    package var time: Timestamp
    package var received: Timestamp
    /// Pseudonym.
    package var unit: String?

    package init(seq: Int, id: String, record: String, time: Timestamp, received: Timestamp, unit: String? = nil) {
        self.seq = seq
        self.id = id
        self.record = record
        self.time = time
        self.received = received
        self.unit = unit
    }
}
