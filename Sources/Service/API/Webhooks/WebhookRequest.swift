/// Names the receiver that something is asked of.
package struct WebhookRequest: Codable, Equatable, Sendable {
    package var webhook: String

    package init(webhook: String) {
        self.webhook = webhook
    }
}
