/// Answer (202): the action is accepted.
package struct ActionResult: Codable, Equatable, Sendable {
    package var id: String
    package var state: CycleState

    package init(id: String, state: CycleState) {
        self.id = id
        self.state = state
    }
}
