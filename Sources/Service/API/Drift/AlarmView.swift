package import Values

/// One alarm: an episode of drift.
package struct AlarmView: Codable, Equatable, Sendable {
    package var id: String
    package var detector: String
    package var time: Timestamp
    package var ended: Timestamp?
    package var effectSize: Double
    /// A sentence that a person reads.
    package var summary: String
    package var newTerms: [TermChange]
    /// Examples, redacted.
    package var newQueries: [String]

    package init(
        id: String, detector: String, time: Timestamp, ended: Timestamp? = nil, effectSize: Double, summary: String,
        newTerms: [TermChange], newQueries: [String]
    ) {
        self.id = id
        self.detector = detector
        self.time = time
        self.ended = ended
        self.effectSize = effectSize
        self.summary = summary
        self.newTerms = newTerms
        self.newQueries = newQueries
    }
}
