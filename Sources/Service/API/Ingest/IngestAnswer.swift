/// Answer of `POST /v1/interactions` and `/v1/ratings`, after the commit.
package struct IngestAnswer: Codable, Equatable, Sendable {
    /// Records that are kept from now on.
    package var accepted: Int
    /// Records that were kept before, with the same body.
    package var duplicates: Int
    /// Only with `?partial=true`.
    package var rejected: Int?
    /// Only with `?partial=true`, one a record.
    package var results: [RecordResult]?

    package init(accepted: Int, duplicates: Int, rejected: Int? = nil, results: [RecordResult]? = nil) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.results = results
    }
}
