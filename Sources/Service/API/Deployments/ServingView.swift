package import Values

/// What every unit outside an experiment gets.
package struct ServingView: Codable, Equatable, Sendable {
    /// Absent: the base model alone.
    package var adapter: String?
    package var since: Timestamp
    package var reason: String

    package init(adapter: String? = nil, since: Timestamp, reason: String) {
        self.adapter = adapter
        self.since = since
        self.reason = reason
    }
}
