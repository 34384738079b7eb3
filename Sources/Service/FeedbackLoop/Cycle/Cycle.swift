package import Contracts
package import Values

/// One turn of the loop.
package struct Cycle: Codable, Equatable, Sendable {
    package var id: String
    package var trigger: Trigger
    package var started: Timestamp
    package var stage: Stage
    /// Since when the cycle is in its stage.
    package var since: Timestamp
    /// Traffic from here on is the new one; everything before is old.
    package var recentFrom: Timestamp
    /// The log's newest rows when the data were complete; fixed then, so that every later assembly sees the same rows.
    package var dataThrough: DataLimit?
    package var probe: Probe?
    /// What is trained; kept from the incumbent or made anew.
    package var selection: Selection?
    /// Served name of the adapter that this cycle made.
    package var candidate: String?
    package var experiment: String?
    /// The operator who approved or promoted the candidate; nil: the mode `act` did.
    package var approvedBy: String?
    /// The operator who promoted the candidate; nil: its experiment does.
    package var promotedBy: String?
    /// Why an experiment as configured would take longer than is allowed; nil: it would not.
    package var planProblem: String?
    /// What an operator can have done instead.
    package var offers: [ComparisonOffer]?
    /// The smallest margin of non-inferiority that could be decided in time; nil: none, or it would not take too long.
    package var smallestMargin: Double?
    /// What the operator chose; nil: as configured.
    package var terms: ComparisonTerms?
    /// Who holds the ramp where it is; nil: nobody.
    package var heldBy: String?
    /// What the loop told people last of this experiment's ramp, so that it says everything once.
    package var told: String?
    /// The step of the ramp, from 0, that waits for an operator's approval.
    package var awaitedStep: Int?
    /// Digest of the base checkpoint that the cycle computes on, from its first job on; nil where the daemon knows none.
    package var base: String?

    /// What started the cycle, and who: an operator, `detector` or `schedule`.
    package struct Trigger: Codable, Equatable, Sendable {
        /// Whether the queries drifted, the ratings changed, a cycle was due, or an operator asked for one.
        package enum Kind: String, Codable, Sendable { case drift, ratings, schedule, `operator` }

        package var kind: Kind
        /// What changed, in a sentence.
        package var reason: String
        package var actor: String

        package init(kind: Kind, reason: String, actor: String) {
            self.kind = kind
            self.reason = reason
            self.actor = actor
        }
    }

    /// Newest sequence numbers of the log that a cycle may read.
    package struct DataLimit: Codable, Equatable, Sendable {
        package var interactions: Int64
        package var ratings: Int64

        package init(interactions: Int64, ratings: Int64) {
            self.interactions = interactions
            self.ratings = ratings
        }
    }

    /// Captured impact of the selection in use, and the branch that was taken.
    package struct Probe: Codable, Equatable, Sendable {
        /// What follows for the selection in use: train it again, or select anew, since it is stale or since there is
        /// none that can be scored within the budget.
        package enum Branch: String, Codable, Sendable { case keep, reselect, noSelection }

        package var captured: Double?
        package var lower: Double?
        package var upper: Double?
        package var branch: Branch
        package var reason: String

        package init(captured: Double?, lower: Double?, upper: Double?, branch: Branch, reason: String) {
            self.captured = captured
            self.lower = lower
            self.upper = upper
            self.branch = branch
            self.reason = reason
        }
    }

    /// What the cycle is doing.
    package enum Stage: Codable, Equatable, Sendable {
        /// New traffic gathers until enough of it is labelled, at most to the deadline.
        /// Becomes: measuring, estimating, rejected (too few data).
        case gathering(earliest: Timestamp, deadline: Timestamp)
        /// A cheap impact job asks whether the selection in use is stale. Becomes: training, estimating, failed.
        case measuring(job: String)
        /// An impact job makes today's map. Becomes: training, failed.
        case estimating(job: String)
        /// Becomes: gating, rejected, failed.
        case training(job: String)
        /// Incumbent and candidate answer the held-out rows. Becomes: experimenting, awaitingApproval, rejected, failed.
        case gating(job: String)
        /// Becomes: experimenting, shadowing, promoting, rejected.
        case awaitingApproval(reason: String)
        /// Becomes: promoting, rejected, rolledBack.
        case experimenting(step: Int)
        /// Incumbent and candidate answer the same logged queries, and judges compare the answers; nobody is exposed.
        /// Becomes: promoting, rejected, rolledBack.
        case shadowing
        /// The candidate is made what everybody gets. Becomes: watching (promoted).
        case promoting(reason: String)

        /// The state's name on the wire.
        package var name: String {
            switch self {
            case .gathering, .measuring: "probing"
            case .estimating: "estimating"
            case .training: "training"
            case .gating: "gating"
            case .awaitingApproval: "awaitingApproval"
            case .experimenting: "experimenting"
            case .shadowing: "shadowing"
            case .promoting: "promoting"
            }
        }

        /// The job that the stage waits for.
        package var job: String? {
            switch self {
            case .measuring(let job), .estimating(let job), .training(let job), .gating(let job): job
            case .gathering, .awaitingApproval, .experimenting, .shadowing, .promoting: nil
            }
        }
    }
}
