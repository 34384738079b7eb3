/// An event that people are told of by webhook.
package struct LoopNotice: Equatable, Sendable {
    /// The event type on the wire, for example `adapter.promoted`.
    package var type: String
    package var cycle: String?
    package var adapter: String?
    /// One sentence that a person reads.
    package var summary: String

    package init(type: String, cycle: String? = nil, adapter: String? = nil, summary: String) {
        self.type = type
        self.cycle = cycle
        self.adapter = adapter
        self.summary = summary
    }
}
