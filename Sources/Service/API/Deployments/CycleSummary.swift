package import Values

/// Where the loop stands.
package struct CycleSummary: Codable, Equatable, Sendable {
    package var id: String?
    package var state: CycleState
    /// Step of the ramp, from 1.
    package var step: Int?
    package var since: Timestamp
    package var trigger: String?
    /// What happens next, or why nothing does.
    package var next: String?

    package init(
        id: String? = nil, state: CycleState, step: Int? = nil, since: Timestamp, trigger: String? = nil,
        next: String? = nil
    ) {
        self.id = id
        self.state = state
        self.step = step
        self.since = since
        self.trigger = trigger
        self.next = next
    }
}
