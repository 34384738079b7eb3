/// A receiver.
package struct WebhookView: Codable, Equatable, Sendable {
    package var name: String
    package var url: String
    /// Empty: all.
    package var events: [WebhookEventType]
    package var enabled: Bool
    /// The last answer, or why it is disabled.
    package var detail: String
    package var waiting: Int
    package var deadLetters: Int

    package init(
        name: String, url: String, events: [WebhookEventType], enabled: Bool, detail: String, waiting: Int,
        deadLetters: Int
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.enabled = enabled
        self.detail = detail
        self.waiting = waiting
        self.deadLetters = deadLetters
    }
}
