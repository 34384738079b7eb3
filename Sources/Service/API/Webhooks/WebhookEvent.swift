package import Values

/// Body of a delivery (Standard Webhooks 1.0.0).
package struct WebhookEvent: Codable, Equatable, Sendable {
    package var type: WebhookEventType
    package var timestamp: Timestamp
    /// `deployment`, `summary` (a sentence that a person reads), and what belongs to the type: `cycle`, `experiment` (the
    /// comparison that it tells of, or that ends with it), `adapter`.
    package var data: [String: JSONValue]

    package init(type: WebhookEventType, timestamp: Timestamp, data: [String: JSONValue]) {
        self.type = type
        self.timestamp = timestamp
        self.data = data
    }
}
