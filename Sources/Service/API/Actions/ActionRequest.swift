/// What an operator wants; the id makes it idempotent.
package struct ActionRequest: Codable, Equatable, Sendable {
    package var id: String
    package var action: OperatorAction
    package var cycle: String?
    package var experiment: String?
    package var adapter: String?
    /// `approve`: how the candidate is compared; absent: as configured.
    package var terms: TermsView?
    /// `advance`: the step of the ramp to go to, from 1; absent: the next one.
    package var step: Int?
    package var reason: String

    package init(
        id: String, action: OperatorAction, cycle: String? = nil, experiment: String? = nil, adapter: String? = nil,
        terms: TermsView? = nil, step: Int? = nil, reason: String
    ) {
        self.id = id
        self.action = action
        self.cycle = cycle
        self.experiment = experiment
        self.adapter = adapter
        self.terms = terms
        self.step = step
        self.reason = reason
    }
}
