/// What an operator wants; the id makes it idempotent.
package struct ActionRequest: Codable, Equatable, Sendable {
    package var id: String
    package var action: OperatorAction
    package var cycle: String?
    package var experiment: String?
    package var adapter: String?
    package var reason: String

    package init(
        id: String, action: OperatorAction, cycle: String? = nil, experiment: String? = nil, adapter: String? = nil,
        reason: String
    ) {
        self.id = id
        self.action = action
        self.cycle = cycle
        self.experiment = experiment
        self.adapter = adapter
        self.reason = reason
    }
}
