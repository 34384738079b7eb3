/// Dead letters to be tried again.
package struct WebhookResendRequest: Codable, Equatable, Sendable {
    /// Absent: of all receivers.
    package var webhook: String?
    /// Absent: all.
    package var ids: [String]?

    package init(webhook: String? = nil, ids: [String]? = nil) {
        self.webhook = webhook
        self.ids = ids
    }
}
