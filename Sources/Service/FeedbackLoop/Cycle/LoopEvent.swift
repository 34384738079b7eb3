package import Contracts
package import Values

/// What can happen to a loop. Computation is done before: the machine gets verdicts, not data.
package enum LoopEvent: Equatable, Sendable {
    /// Traffic or ratings drifted; `onset` is when the change is thought to have begun.
    case alarm(Cycle.Trigger, onset: Timestamp)
    /// The episode of an earlier alarm goes on and the pause between cycles is over; nobody is alarmed again.
    case resumed(Cycle.Trigger, onset: Timestamp)
    /// The schedule asks for a cycle.
    case scheduleDue
    /// Enough labelled rows are there; the cycle reads the log up to `limit`.
    case dataReady(Cycle.DataLimit)
    /// The deadline passed without enough labelled rows.
    case dataLacking(reason: String)
    case probed(Cycle.Probe)
    case estimated(Selection)
    /// The training job is done and its adapter is stored under `candidate`.
    case trained(summary: String)
    /// The gate's verdict; `problem` says why an experiment would take longer than is allowed, nil where it would not.
    case gated(passed: Bool, reason: String, problem: PlanProblem?)
    /// The ramp moved on.
    case stepped(Int)
    /// The next step of the ramp, from 0, asks for an operator's approval.
    case stepAwaited(Int, reason: String)
    /// A check holds the ramp where it is.
    case rampHeld(reason: String)
    case decided(ExperimentVerdict)
    /// The candidate serves everybody.
    case promoted
    case jobFailed(reason: String, isFinal: Bool)
    /// The mode is `observe` by now, and no operator approved the candidate that people are exposed to.
    case exposureEnded
    /// The units that were held back do better than the rest.
    case holdBackWon(reason: String)
    case holdBackEnded(reason: String)
    /// Nobody acts on the episode (mode `observe`), and it has lasted: the traffic of now is the new normal.
    case episodeEnded(reason: String)
    case command(OperatorCommand)

    /// Whether what a job computed goes on in the loop.
    var takesResult: Bool {
        switch self {
        case .probed, .estimated, .trained, .gated: true
        default: false
        }
    }
}

/// Why an experiment as configured could not be decided in time, in a sentence, and what could.
package struct PlanProblem: Equatable, Sendable {
    package var reason: String
    package var offers: [ComparisonOffer]
    /// The smallest margin of non-inferiority that could be; nil: none.
    package var smallestMargin: Double?

    package init(reason: String, offers: [ComparisonOffer], smallestMargin: Double? = nil) {
        self.reason = reason
        self.offers = offers
        self.smallestMargin = smallestMargin
    }
}

/// How an experiment ended.
package enum ExperimentVerdict: Equatable, Sendable {
    case promote(reason: String)
    case harm(reason: String)
    /// Futility, the longest duration, a sample ratio that stayed broken: the incumbent stays.
    case undecided(reason: String)
}

/// What an operator asks for.
package struct OperatorCommand: Equatable, Sendable {
    /// The commands by their names on the wire; `CycleMachine` says when each is refused.
    package enum Verb: String, Codable, Sendable, CaseIterable {
        case retrain, approve, reject, promote, rollback, advance, cancel, pause, resume, holdRamp, releaseRamp
    }

    package var verb: Verb
    package var actor: String
    package var reason: String
    /// The cycle that the operator saw; another one by now is a conflict.
    package var cycle: String?
    package var experiment: String?
    package var adapter: String?
    /// `approve`: how the candidate is compared.
    package var terms: ComparisonTerms?
    /// `advance`: the step of the ramp to go to, from 0; nil: the next one.
    package var step: Int?

    package init(
        verb: Verb, actor: String, reason: String, cycle: String? = nil, experiment: String? = nil,
        adapter: String? = nil, terms: ComparisonTerms? = nil, step: Int? = nil
    ) {
        self.verb = verb
        self.actor = actor
        self.reason = reason
        self.cycle = cycle
        self.experiment = experiment
        self.adapter = adapter
        self.terms = terms
        self.step = step
    }
}

/// Why an operator's command was not taken.
package struct CommandRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// True where the cycle or experiment moved on meanwhile (409); false where the command makes no sense here.
    package var isConflict: Bool
    /// Whether it names something that there is not (404).
    package private(set) var isUnknown = false
    package var description: String

    package init(isConflict: Bool, _ description: String) {
        self.isConflict = isConflict
        self.description = description
    }

    package static func unknown(_ description: String) -> CommandRefusal {
        var refusal = CommandRefusal(isConflict: false, description)
        refusal.isUnknown = true
        return refusal
    }
}
