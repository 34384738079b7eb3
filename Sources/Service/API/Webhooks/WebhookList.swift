/// Answer of `GET /v1/webhooks`.
package struct WebhookList: Codable, Equatable, Sendable {
    package var webhooks: [WebhookView]

    package init(webhooks: [WebhookView]) {
        self.webhooks = webhooks
    }
}
