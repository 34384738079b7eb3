/// Answer (202): deliveries that are on their way.
package struct WebhookQueued: Codable, Equatable, Sendable {
    package var ids: [String]
    /// Receivers whose dead letters stay where they are: disabled, or not configured any more. Absent: none.
    package var held: [String]?

    package init(ids: [String], held: [String]? = nil) {
        self.ids = ids
        self.held = held
    }
}
