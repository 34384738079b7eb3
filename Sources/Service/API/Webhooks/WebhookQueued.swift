/// Answer (202): deliveries that are on their way.
package struct WebhookQueued: Codable, Equatable, Sendable {
    package var ids: [String]

    package init(ids: [String]) {
        self.ids = ids
    }
}
