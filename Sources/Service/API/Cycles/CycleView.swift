package import Values

/// One turn of the loop.
package struct CycleView: Codable, Equatable, Sendable {
    package var id: String
    package var deployment: String
    package var state: CycleState
    package var step: Int?
    package var trigger: String?
    package var started: Timestamp
    /// When it came into this state.
    package var since: Timestamp
    package var ended: Timestamp?
    package var adapter: String?
    package var experiment: String?
    package var reason: String?
    package var next: String?
    /// What an operator can have done where the experiment as configured would take too long; absent: nothing is offered.
    package var offers: [OfferView]?
    package var steps: [CycleStepView]

    package init(
        id: String, deployment: String, state: CycleState, step: Int? = nil, trigger: String? = nil, started: Timestamp,
        since: Timestamp, ended: Timestamp? = nil, adapter: String? = nil, experiment: String? = nil,
        reason: String? = nil, next: String? = nil, offers: [OfferView]? = nil,
        steps: [CycleStepView]
    ) {
        self.id = id
        self.deployment = deployment
        self.state = state
        self.step = step
        self.trigger = trigger
        self.started = started
        self.since = since
        self.ended = ended
        self.adapter = adapter
        self.experiment = experiment
        self.reason = reason
        self.next = next
        self.offers = offers
        self.steps = steps
    }
}
