package import Values

/// A delivery that was given up.
package struct DeadLetter: Codable, Equatable, Sendable {
    /// `webhook-id` of the delivery.
    package var id: String
    package var webhook: String
    package var type: WebhookEventType
    package var created: Timestamp
    package var attempts: Int
    package var lastAttempt: Timestamp?
    package var reason: String

    package init(
        id: String, webhook: String, type: WebhookEventType, created: Timestamp, attempts: Int,
        lastAttempt: Timestamp? = nil, reason: String
    ) {
        self.id = id
        self.webhook = webhook
        self.type = type
        self.created = created
        self.attempts = attempts
        self.lastAttempt = lastAttempt
        self.reason = reason
    }
}
