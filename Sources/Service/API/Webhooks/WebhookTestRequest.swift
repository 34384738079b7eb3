/// A test event for one receiver.
package struct WebhookTestRequest: Codable, Equatable, Sendable {
    package var webhook: String

    package init(webhook: String) {
        self.webhook = webhook
    }
}
