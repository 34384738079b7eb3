package import API

/// An event that people are told of by webhook.
package struct LoopNotice: Equatable, Sendable {
    package var type: WebhookEventType
    package var cycle: String?
    /// The comparison that it tells of, or that ends with it.
    package var experiment: String?
    package var adapter: String?
    /// One sentence that a person reads.
    package var summary: String

    package init(
        type: WebhookEventType, cycle: String? = nil, experiment: String? = nil, adapter: String? = nil,
        summary: String
    ) {
        self.type = type
        self.cycle = cycle
        self.experiment = experiment
        self.adapter = adapter
        self.summary = summary
    }
}
