/// Limits on everything that comes from outside.
package struct LimitSettings: Equatable, Sendable {
    /// Largest request body, also after decompression, in bytes.
    package var bodyBytes = 8 << 20
    package var recordsPerRequest = 1000
    package var messagesPerInteraction = 256
    /// Largest text of one message, response, comment or correction, in bytes of UTF-8.
    package var textBytes = 64 << 10
    package var metadataBytes = 16 << 10
    /// Deepest nesting of a JSON text.
    package var nesting = 32
    package var connections = 512
    /// Seconds within which a request's header has to be complete.
    package var headerSeconds = 10.0
    /// Seconds within which a request's body has to be complete.
    package var bodySeconds = 30.0
    /// Seconds after which a kept-alive connection without a request is closed.
    package var idleSeconds = 75.0
    /// Seconds that a serving back end may take for a whole answer.
    package var answerSeconds = 120.0

    package init() {}
}

extension LimitSettings: Decodable {
    /// The keys of `limits`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case bodyBytes, recordsPerRequest, messagesPerInteraction, textBytes, metadataBytes, nesting, connections
        case headerSeconds, bodySeconds, idleSeconds, answerSeconds
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&bodyBytes, .bodyBytes)
        try values.read(&recordsPerRequest, .recordsPerRequest)
        try values.read(&messagesPerInteraction, .messagesPerInteraction)
        try values.read(&textBytes, .textBytes)
        try values.read(&metadataBytes, .metadataBytes)
        try values.read(&nesting, .nesting)
        try values.read(&connections, .connections)
        try values.read(&headerSeconds, .headerSeconds)
        try values.read(&bodySeconds, .bodySeconds)
        try values.read(&idleSeconds, .idleSeconds)
        try values.read(&answerSeconds, .answerSeconds)
    }
}
