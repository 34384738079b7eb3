import API
import Contracts
package import Values

/// The loop's state machine: a value, one method per event, no input or output.
///
/// 1. Watching, an alarm, the schedule or an operator starts a cycle: `gathering` until enough new traffic is labelled.
/// 2. With a recorded selection, `measuring` asks whether it is stale; stale or none goes to `estimating`, else straight
///    to `training` with the same selection.
/// 3. `training` makes a candidate, `gating` compares it on held-out rows; in `propose` a person approves.
/// 4. `experimenting` compares it on live traffic; `promoting` makes it what everybody gets.
/// 5. Every other end leaves the incumbent as it is.
///
/// Nothing here decides on missing data: an event that does not fit the state is ignored, an operator's command that
/// does not fit is refused with its reason.
package struct CycleMachine: Sendable {
    /// What the machine keeps to: a deployment's settings, with all times as they pass in this process (`timeScale` is
    /// taken into account).
    package struct Rules: Equatable, Sendable {
        package var deployment: String
        package var mode: Mode
        /// Least and most time that new traffic gathers after a trigger, in seconds.
        package var gatheringSeconds: Double
        package var gatheringDeadlineSeconds: Double
        /// Least time between two cycles, in seconds.
        package var pauseSeconds: Double
        /// How far back the recent traffic of a scheduled cycle reaches, in seconds.
        package var windowSeconds: Double
        package var holdBackShare: Double
        package var holdBackSeconds: Double
        /// Steps of the ramp.
        package var rampSteps: Int
        /// Digest of the base checkpoint; nil where the daemon knows none.
        package var base: String?

        /// How far the loop goes by itself: it starts no cycle (`observe`), asks a person before any exposure
        /// (`propose`), or asks only where the experiment would take too long (`act`).
        package enum Mode: String, Sendable { case observe, propose, act }

        package init(
            deployment: String, mode: Mode, gatheringSeconds: Double, gatheringDeadlineSeconds: Double,
            pauseSeconds: Double, windowSeconds: Double, holdBackShare: Double, holdBackSeconds: Double,
            rampSteps: Int, base: String? = nil
        ) {
            self.deployment = deployment
            self.mode = mode
            self.gatheringSeconds = gatheringSeconds
            self.gatheringDeadlineSeconds = gatheringDeadlineSeconds
            self.pauseSeconds = pauseSeconds
            self.windowSeconds = windowSeconds
            self.holdBackShare = holdBackShare
            self.holdBackSeconds = holdBackSeconds
            self.rampSteps = rampSteps
            self.base = base
        }
    }

    /// What an event brought about.
    package struct Outcome: Equatable, Sendable {
        package var notices: [LoopNotice] = []
        /// Name of the state before and after, where it changed, with who and why.
        package var transition: Transition?
        /// The traffic of now is the new normal: detectors start a new reference.
        package var rebaselines = false

        /// A step from one state to another, by their names on the wire: who brought it about, and why in a sentence.
        package struct Transition: Equatable, Sendable {
            package var from: String
            package var to: String
            package var actor: String
            package var reason: String
        }
    }

    package internal(set) var state: LoopState
    package let rules: Rules

    package init(state: LoopState, rules: Rules) {
        self.state = state
        self.rules = rules
    }

    /// The state's name on the wire.
    package var stateName: String { state.cycle?.stage.name ?? "watching" }

    /// Applies an event. Events that do not fit the state change nothing.
    ///
    /// - Throws: `CommandRefusal` for an operator's command that cannot be carried out now.
    package mutating func handle(_ event: LoopEvent, at now: Timestamp) throws(CommandRefusal) -> Outcome {
        let before = state
        let nameBefore = stateName
        let actorBefore = Self.actor(of: event)
        var outcome = Outcome()
        let reason: String?
        switch event {
        case .alarm(let trigger, let onset):
            outcome.notices.append(LoopNotice(type: .driftDetected, summary: trigger.reason))
            reason = begin(trigger, recentFrom: onset, at: now)
        case .resumed(let trigger, let onset): reason = begin(trigger, recentFrom: onset, at: now)
        case .scheduleDue:
            let trigger = Cycle.Trigger(kind: .schedule, reason: "the schedule asks for a cycle", actor: "schedule")
            reason = begin(trigger, recentFrom: now.advanced(bySeconds: -rules.windowSeconds), at: now)
        case .dataReady(let limit): reason = dataReady(limit, at: now)
        case .dataLacking(let why): reason = dataLacking(why, at: now, &outcome)
        case .probed(let probe): reason = probed(probe, at: now, &outcome)
        case .estimated(let selection):
            reason = estimated(selection, at: now)
        case .trained(let summary): reason = trained(summary, at: now, &outcome)
        case .gated(let passed, let why, let problem):
            reason = gated(passed, why, problem, at: now, &outcome)
        case .stepped(let step): reason = stepped(step, at: now)
        case .stepAwaited(let step, let why):
            stepAwaited(step, why, &outcome)
            return outcome
        case .rampHeld(let why):
            rampHeld(why, &outcome)
            return outcome
        case .decided(let verdict): reason = decided(verdict, at: now, &outcome)
        case .promoted: reason = promoted(at: now, &outcome)
        case .exposureEnded: reason = exposureEnded(at: now, &outcome)
        case .jobFailed(let why, let isFinal): reason = jobFailed(why, isFinal: isFinal, at: now, &outcome)
        case .holdBackWon(let why):
            reason = state.holdBack == nil ? nil : rollBack(why, actor: "hold-back", at: now, &outcome)
        case .holdBackEnded(let why):
            state.holdBack = nil
            reason = why
        case .episodeEnded(let why):
            guard state.cycle == nil else { return outcome }
            outcome.rebaselines = true
            outcome.transition = Outcome.Transition(from: nameBefore, to: stateName, actor: actorBefore, reason: why)
            return outcome
        case .command(let command): reason = try self.command(command, at: now, &outcome)
        }
        if let reason, state != before {
            outcome.transition = Outcome.Transition(from: nameBefore, to: stateName, actor: actorBefore, reason: reason)
        }
        return outcome
    }

    private static func actor(of event: LoopEvent) -> String {
        switch event {
        case .command(let command): command.actor
        case .alarm(let trigger, _), .resumed(let trigger, _): trigger.actor
        case .scheduleDue: "schedule"
        case .holdBackWon: "hold-back"
        default: "retuned"
        }
    }
}

// MARK: - Beginning

extension CycleMachine {
    mutating func begin(_ trigger: Cycle.Trigger, recentFrom: Timestamp, at now: Timestamp) -> String? {
        guard state.cycle == nil, !state.isPaused else { return nil }
        if trigger.kind != .operator {
            if rules.mode == .observe { return nil }
            if let quietUntil = state.quietUntil, now < quietUntil { return nil }
        }
        state.counters.cycle += 1
        state.cycle = Cycle(
            id: "\(rules.deployment)-c-\(state.counters.cycle)", trigger: trigger, started: now,
            stage: .gathering(
                earliest: now.advanced(bySeconds: trigger.kind == .operator ? 0 : rules.gatheringSeconds),
                deadline: now.advanced(bySeconds: rules.gatheringDeadlineSeconds)),
            since: now, recentFrom: recentFrom)
        return trigger.reason
    }

    /// Whether the state asks for a cycle that an earlier alarm could not start: the episode goes on, the pause is over.
    package func mayBegin(at now: Timestamp) -> Bool {
        state.cycle == nil && !state.isPaused && rules.mode != .observe && state.quietUntil.map { $0 <= now } ?? true
    }
}

// MARK: - Probe, estimate, train, gate

extension CycleMachine {
    private mutating func dataReady(_ limit: Cycle.DataLimit, at now: Timestamp) -> String? {
        guard case .gathering = state.cycle?.stage else { return nil }
        state.cycle?.dataThrough = limit
        state.cycle?.base = rules.base
        if state.selection != nil {
            enter(.measuring(job: nextJob()), at: now)
            return "enough new traffic is labelled; is the selection in use stale?"
        }
        state.cycle?.probe = Cycle.Probe(
            captured: nil, lower: nil, upper: nil, branch: .noSelection,
            reason: "the incumbent has no recorded selection")
        enter(.estimating(job: nextJob()), at: now)
        return "enough new traffic is labelled; the incumbent has no recorded selection"
    }

    private mutating func dataLacking(_ why: String, at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard case .gathering = state.cycle?.stage else { return nil }
        return end(.rejected, cause: .tooFewData, why, at: now, &outcome)
    }

    private mutating func probed(_ probe: Cycle.Probe, at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard case .measuring = state.cycle?.stage else { return nil }
        state.cycle?.probe = probe
        if probe.branch == .keep {
            let selection = state.selection
            state.cycle?.selection = selection
            enter(.training(job: nextJob()), at: now)
        } else {
            // Where the selection could not be scored nobody knows whether it is stale.
            if probe.branch == .reselect {
                outcome.notices.append(
                    LoopNotice(type: .selectionStale, cycle: state.cycle?.id, summary: probe.reason))
            }
            enter(.estimating(job: nextJob()), at: now)
        }
        return probe.reason
    }

    private mutating func estimated(_ selection: Selection, at now: Timestamp) -> String? {
        guard case .estimating = state.cycle?.stage else { return nil }
        state.cycle?.selection = selection
        enter(.training(job: nextJob()), at: now)
        return "\(selection.modules.count) modules selected"
    }

    private mutating func trained(_ summary: String, at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard case .training = state.cycle?.stage else { return nil }
        state.counters.adapter += 1
        let candidate = nextAdapterName(state.counters.adapter)
        state.cycle?.candidate = candidate
        outcome.notices.append(
            LoopNotice(
                type: .adapterTrained, cycle: state.cycle?.id, adapter: state.cycle?.candidate, summary: summary))
        enter(.gating(job: nextJob()), at: now)
        return summary
    }

    /// The name that the next trained adapter gets.
    package var nextCandidate: String { nextAdapterName(state.counters.adapter + 1) }

    private func nextAdapterName(_ version: Int) -> String { "\(rules.deployment)-v\(version)" }

    private mutating func gated(
        _ passed: Bool, _ why: String, _ problem: PlanProblem?, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        guard case .gating = state.cycle?.stage else { return nil }
        guard passed else { return end(.rejected, cause: .gate, why, at: now, &outcome) }
        // Whoever approves was told how long the experiment takes, so it is not planned again.
        state.cycle?.planProblem = problem?.reason
        state.cycle?.offers = problem?.offers
        state.cycle?.smallestMargin = problem?.smallestMargin
        let reason = problem.map { "\(why); \($0.reason)" } ?? why
        if rules.mode == .act, problem == nil {
            startExperiment(at: now, &outcome, why)
        } else {
            awaitApproval(reason, at: now, &outcome)
        }
        return reason
    }

    private mutating func awaitApproval(_ why: String, at now: Timestamp, _ outcome: inout Outcome) {
        enter(.awaitingApproval(reason: why), at: now)
        outcome.notices.append(
            LoopNotice(
                type: .approvalNeeded, cycle: state.cycle?.id, adapter: state.cycle?.candidate,
                summary: "\(state.cycle?.candidate ?? "") waits for approval: \(why)"))
    }

    private mutating func jobFailed(
        _ why: String, isFinal: Bool, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        guard state.cycle?.stage.job != nil, isFinal else { return nil }
        return end(.failed, cause: .jobFailed, why, at: now, &outcome)
    }
}

// MARK: - Moving

extension CycleMachine {
    mutating func enter(_ stage: Cycle.Stage, at now: Timestamp) {
        state.cycle?.stage = stage
        state.cycle?.since = now
    }

    private mutating func nextJob() -> String {
        state.counters.job += 1
        return "\(rules.deployment)-j-\(state.counters.job)"
    }

    mutating func end(
        _ kind: CycleEnd.Outcome, cause: CycleEnd.Cause?, _ why: String, at now: Timestamp, _ outcome: inout Outcome
    ) -> String {
        guard let cycle = state.cycle else { return why }
        state.quietUntil = now.advanced(bySeconds: rules.pauseSeconds)
        state.lastEnd = CycleEnd(
            cycle: cycle.id, outcome: kind, cause: cause, reason: why, time: now,
            retryAt: kind == .failed ? state.quietUntil : nil)
        state.cycle = nil
        // After too few data, a failure or a rollback the new traffic is still unlearned: the reference stays, and the
        // episode asks for another cycle after the pause. Every other end answers the episode: left open, it would keep
        // the watch from ever raising an alarm again.
        outcome.rebaselines = kind != .failed && cause != .tooFewData && cause != .incumbentChanged
        switch kind {
        case .rejected, .rolledBack:
            if kind == .rolledBack, cycle.candidate != nil {
                outcome.notices.append(
                    LoopNotice(
                        type: .adapterRolledBack, cycle: cycle.id, experiment: cycle.experiment,
                        adapter: cycle.candidate, summary: why))
            }
            outcome.notices.append(
                LoopNotice(
                    type: .cycleRejected, cycle: cycle.id, experiment: cycle.experiment, adapter: cycle.candidate,
                    summary: why))
        case .failed: outcome.notices.append(LoopNotice(type: .cycleFailed, cycle: cycle.id, summary: why))
        case .promoted: break
        }
        return why
    }
}
