package import Contracts
package import Values

/// Where one deployment's loop stands: everything that has to survive a crash, as one value.
///
/// It is kept by the store as versioned bytes and replaced in the same transaction as the rows and the events that a
/// transition brings. What has to be *done* in a state (a job to run, an adapter to load) is derived from it, so that a
/// restart does it again; see `DeploymentLoop`.
package struct LoopState: Codable, Equatable, Sendable {
    package var v = 1
    package var serving: Serving
    /// The adapter that a share of the units stays on after a promotion.
    package var holdBack: HoldBack?
    /// What served before the last promotion: where a rollback without a name goes back to.
    package var previous: Previous?
    package var isPaused = false
    /// The cycle under way; nil while watching.
    package var cycle: Cycle?
    /// How the last cycle ended.
    package var lastEnd: CycleEnd?
    /// No cycle starts by itself before.
    package var quietUntil: Timestamp?
    /// The selection that the incumbent was trained with; nil counts as having none.
    package var selection: Selection?
    /// Newest cycle, adapter version, experiment and job that were named; a name is never used twice.
    package var counters = Counters()

    package init(serving: Serving) {
        self.serving = serving
    }

    /// How an experiment that operators hold goes on, in a sentence; nil: nobody holds it.
    package func release(of experiment: String) -> String? {
        let isHeld = cycle?.experiment == experiment && cycle?.heldBy != nil
        switch (isHeld, isPaused) {
        case (true, true):
            return "goes on when it is let go (retunectl ab release) and the loop is resumed (retunectl resume)"
        case (true, false): return "goes on when it is let go (retunectl ab release)"
        case (false, true): return "goes on when the loop is resumed (retunectl resume)"
        case (false, false): return nil
        }
    }

    /// What every unit outside a comparison gets, and why in a sentence.
    package struct Serving: Codable, Equatable, Sendable {
        /// Served name of the incumbent; nil for the base model alone.
        package var adapter: String?
        package var since: Timestamp
        package var reason: String

        package init(adapter: String?, since: Timestamp, reason: String) {
            self.adapter = adapter
            self.since = since
            self.reason = reason
        }
    }

    /// The comparison after a promotion: a share of the units, in (0, 0.5], drawn by `salt`, gets what served before,
    /// and as many others are compared with it.
    package struct HoldBack: Codable, Equatable, Sendable {
        /// What the held-back units get; nil for the base model alone.
        package var adapter: String?
        package var share: Double
        package var salt: String
        package var since: Timestamp
        package var until: Timestamp
        /// The experiment that compares the hold-back with what was promoted.
        package var experiment: String
        /// The selection that `adapter` was trained with, for a rollback.
        package var selection: Selection?
    }

    /// An adapter to go back to, with the selection it was trained with.
    package struct Previous: Codable, Equatable, Sendable {
        /// Nil for the base model alone.
        package var adapter: String?
        package var selection: Selection?
    }

    /// The last number given to a cycle, an adapter, an experiment and a job of the deployment; 0 for none yet.
    package struct Counters: Codable, Equatable, Sendable {
        package var cycle = 0
        package var adapter = 0
        package var experiment = 0
        package var job = 0
    }
}

/// How a cycle ended, in the words of the interface.
package struct CycleEnd: Codable, Equatable, Sendable {
    /// What became of the candidate, or of the cycle where it made none.
    package enum Outcome: String, Codable, Sendable {
        case promoted, rejected, rolledBack, failed
    }

    /// Why nothing was promoted, for programs.
    package enum Cause: String, Codable, Sendable {
        case tooFewData, gate, planTooLong, harm, undecided, operatorRejected, cancelled, jobFailed, experiment
        /// What the candidate was made on top of was taken back.
        case incumbentChanged
    }

    package var cycle: String
    package var outcome: Outcome
    package var cause: Cause?
    package var reason: String
    package var time: Timestamp
    /// `failed` cycles: when the loop tries again by itself.
    package var retryAt: Timestamp?

    package init(
        cycle: String, outcome: Outcome, cause: Cause?, reason: String, time: Timestamp, retryAt: Timestamp? = nil
    ) {
        self.cycle = cycle
        self.outcome = outcome
        self.cause = cause
        self.reason = reason
        self.time = time
        self.retryAt = retryAt
    }
}
