package import Values

/// A line of `GET …/traffic`: a request that an experiment could have counted, without its texts.
package struct TrafficRow: Codable, Equatable, Sendable {
    /// A rating on the goal's scale, the rater's latest of this request.
    package struct Score: Codable, Equatable, Sendable {
        /// Pseudonym.
        package var rater: String
        /// In [0, 1].
        package var score: Double
        package var received: Timestamp

        package init(rater: String, score: Double, received: Timestamp) {
            self.rater = rater
            self.score = score
            self.received = received
        }
    }

    /// Place in the log.
    package var seq: Int
    /// Pseudonym.
    package var unit: String
    package var time: Timestamp
    package var failed: Bool
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    package var scores: [Score]

    package init(
        seq: Int, unit: String, time: Timestamp, failed: Bool, latencyMilliseconds: Double? = nil,
        timeToFirstTokenMilliseconds: Double? = nil, promptTokens: Int? = nil, completionTokens: Int? = nil,
        scores: [Score]
    ) {
        self.seq = seq
        self.unit = unit
        self.time = time
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.timeToFirstTokenMilliseconds = timeToFirstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.scores = scores
    }
}
