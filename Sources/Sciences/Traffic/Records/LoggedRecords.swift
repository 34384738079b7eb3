package import Values

/// An interaction after the edge: redacted, pseudonymous, ready for the log. Only this form is stored.
package struct LoggedInteraction: Equatable, Sendable {
    /// The interaction with redacted texts; `unit` and `conversation` are pseudonyms.
    package var interaction: Interaction
    /// Identifier of the key that made the pseudonyms.
    package var keyID: String
    /// Keyed hash (HMAC-SHA256) of the original body's canonical JSON, for the 409 check.
    package var bodyHash: [UInt8]
    /// `sha256:` of the stored row's canonical JSON (RFC 8785).
    package var record: String
    /// When the daemon accepted it.
    package var received: Timestamp
    /// Spans of `response` that redaction replaced, in Unicode scalars of the stored text.
    package var redactedResponse: [Range<Int>]
    /// Number of replacements by kind, over all fields.
    package var redactions: [String: Int]
    /// True for a row that the gateway wrote itself.
    package var fromGateway: Bool
    /// `bodyHash` under the older keys that are still known, by key: a row that was stored before a rotation is
    /// compared by its own key. Not stored.
    package var earlierBodyHashes: [String: [UInt8]]

    package init(
        interaction: Interaction, keyID: String, bodyHash: [UInt8], record: String, received: Timestamp,
        redactedResponse: [Range<Int>], redactions: [String: Int], fromGateway: Bool,
        earlierBodyHashes: [String: [UInt8]] = [:]
    ) {
        self.interaction = interaction
        self.keyID = keyID
        self.bodyHash = bodyHash
        self.record = record
        self.received = received
        self.redactedResponse = redactedResponse
        self.redactions = redactions
        self.fromGateway = fromGateway
        self.earlierBodyHashes = earlierBodyHashes
    }
}

/// A rating after the edge. Only this form is stored.
package struct LoggedRating: Equatable, Sendable {
    /// The rating with redacted texts; `rater` is a pseudonym, `scale` is always named.
    package var rating: Rating
    package var keyID: String
    package var bodyHash: [UInt8]
    package var record: String
    package var received: Timestamp
    /// Spans of `correction` that redaction replaced, in Unicode scalars of the stored text.
    package var redactedCorrection: [Range<Int>]
    package var redactions: [String: Int]
    /// As in `LoggedInteraction`.
    package var earlierBodyHashes: [String: [UInt8]]

    package init(
        rating: Rating, keyID: String, bodyHash: [UInt8], record: String, received: Timestamp,
        redactedCorrection: [Range<Int>], redactions: [String: Int], earlierBodyHashes: [String: [UInt8]] = [:]
    ) {
        self.rating = rating
        self.keyID = keyID
        self.bodyHash = bodyHash
        self.record = record
        self.received = received
        self.redactedCorrection = redactedCorrection
        self.redactions = redactions
        self.earlierBodyHashes = earlierBodyHashes
    }
}
