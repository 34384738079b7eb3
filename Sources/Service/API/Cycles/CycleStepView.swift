package import Values

/// A transition, and who made it.
package struct CycleStepView: Codable, Equatable, Sendable {
    package var state: CycleState
    package var time: Timestamp
    /// `daemon`, or who asked.
    package var actor: String
    package var reason: String

    package init(state: CycleState, time: Timestamp, actor: String, reason: String) {
        self.state = state
        self.time = time
        self.actor = actor
        self.reason = reason
    }
}
