/// What one request may hold. Sizes are in bytes of UTF-8.
package struct TrafficLimits: Equatable, Sendable {
    package var recordsPerRequest = 1000
    package var messagesPerRecord = 200
    package var idBytes = 200
    /// `unit`, `conversation` and `rater`.
    package var unitBytes = 200
    /// One message's content, `response`, `error`, `comment` or `correction`.
    package var textBytes = 262_144
    package var metadataBytes = 16_384
    package var metadataDepth = 8
    /// Nesting of the request's JSON as a whole.
    package var depth = 32
    /// How far ahead of our clock a record's time may be.
    package var futureSeconds: Double = 86_400

    package init() {}
}
