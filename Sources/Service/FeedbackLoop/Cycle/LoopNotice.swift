package import API

/// An event that people are told of by webhook.
package struct LoopNotice: Equatable, Sendable {
    package var type: WebhookEventType
    package var cycle: String?
    package var adapter: String?
    /// One sentence that a person reads.
    package var summary: String

    package init(type: WebhookEventType, cycle: String? = nil, adapter: String? = nil, summary: String) {
        self.type = type
        self.cycle = cycle
        self.adapter = adapter
        self.summary = summary
    }
}
