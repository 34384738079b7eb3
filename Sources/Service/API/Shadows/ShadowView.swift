package import Values

/// Where a shadow replay stands.
package struct ShadowView: Codable, Equatable, Sendable {
    package var cycle: String
    package var deployment: String
    package var state: ShadowState
    package var incumbent: String
    package var candidate: String
    package var started: Timestamp
    package var ended: Timestamp?
    /// Queries that are asked again; those that both arms have answered; those of them that they answered the same, which
    /// need no judge; those that a server does not take any more.
    package var pairs: Int
    package var answered: Int
    package var alike: Int
    package var failed: Int
    /// Units among them whose rows the candidate was trained on.
    package var trainedUnits: Int
    package var judgedPairs: Int
    package var judgedUnits: Int
    /// Judged units before anything is decided.
    package var burnInUnits: Int
    /// Error rates of a promotion (two-sided) and of a stop for harm.
    package var alpha: Double
    package var harmAlpha: Double
    /// Mean judgement in [0, 1], 1 for the candidate, and its sequence; absent until it has ended, since a judge could learn from
    /// them whose answer is whose.
    package var mean: Double?
    package var interval: [Double]?
    /// `promote`, `stopForHarm`, `undecided`, or `stopped` by an operator; absent while it goes on.
    package var decision: String?
    /// Why, or what is missing; without whose answers are preferred until it has ended.
    package var reason: String
    /// What happens next; absent after the end.
    package var next: String?

    package init(
        cycle: String, deployment: String, state: ShadowState, incumbent: String, candidate: String,
        started: Timestamp, ended: Timestamp? = nil, pairs: Int, answered: Int, alike: Int, failed: Int,
        trainedUnits: Int, judgedPairs: Int, judgedUnits: Int, burnInUnits: Int, alpha: Double, harmAlpha: Double,
        mean: Double? = nil,
        interval: [Double]? = nil, decision: String? = nil, reason: String, next: String? = nil
    ) {
        self.cycle = cycle
        self.deployment = deployment
        self.state = state
        self.incumbent = incumbent
        self.candidate = candidate
        self.started = started
        self.ended = ended
        self.pairs = pairs
        self.answered = answered
        self.alike = alike
        self.failed = failed
        self.trainedUnits = trainedUnits
        self.judgedPairs = judgedPairs
        self.judgedUnits = judgedUnits
        self.burnInUnits = burnInUnits
        self.alpha = alpha
        self.harmAlpha = harmAlpha
        self.mean = mean
        self.interval = interval
        self.decision = decision
        self.reason = reason
        self.next = next
    }
}
