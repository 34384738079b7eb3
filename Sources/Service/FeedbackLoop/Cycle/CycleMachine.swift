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

        package enum Mode: String, Sendable { case observe, propose, act }

        package init(
            deployment: String, mode: Mode, gatheringSeconds: Double, gatheringDeadlineSeconds: Double,
            pauseSeconds: Double, windowSeconds: Double, holdBackShare: Double, holdBackSeconds: Double, rampSteps: Int
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
        }
    }

    /// What an event brought about.
    package struct Outcome: Equatable, Sendable {
        package var notices: [LoopNotice] = []
        /// Name of the state before and after, where it changed, with who and why.
        package var transition: Transition?
        /// The traffic of now is the new normal: detectors start a new reference.
        package var rebaselines = false

        package struct Transition: Equatable, Sendable {
            package var from: String
            package var to: String
            package var actor: String
            package var reason: String
        }
    }

    package private(set) var state: LoopState
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
            reason = gated(passed, why, planProblem: problem, at: now, &outcome)
        case .stepped(let step): reason = stepped(step, at: now)
        case .decided(let verdict): reason = decided(verdict, at: now, &outcome)
        case .promoted: reason = promoted(at: now, &outcome)
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
    private mutating func begin(_ trigger: Cycle.Trigger, recentFrom: Timestamp, at now: Timestamp) -> String? {
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
            outcome.notices.append(
                LoopNotice(type: .selectionStale, cycle: state.cycle?.id, summary: probe.reason))
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
        _ passed: Bool, _ why: String, planProblem: String?, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        guard case .gating = state.cycle?.stage else { return nil }
        guard passed else { return end(.rejected, cause: .gate, why, at: now, &outcome) }
        // Whoever approves was told how long the experiment takes, so it is not planned again.
        let reason = planProblem.map { "\(why); \($0)" } ?? why
        if rules.mode == .act, planProblem == nil {
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

// MARK: - Experiment and promotion

extension CycleMachine {
    private mutating func startExperiment(at now: Timestamp, _ outcome: inout Outcome, _ why: String) {
        // The hold-back of the promotion before ends here: two comparisons at once would mix their arms.
        state.holdBack = nil
        state.counters.experiment += 1
        let experiment = "\(rules.deployment)-e-\(state.counters.experiment)"
        state.cycle?.experiment = experiment
        enter(.experimenting(step: 0), at: now)
        outcome.notices.append(
            LoopNotice(
                type: .experimentStarted, cycle: state.cycle?.id, adapter: state.cycle?.candidate,
                summary:
                    "\(state.cycle?.candidate ?? "") is compared with \(state.serving.adapter ?? "the base model"): \(why)"
            ))
    }

    private mutating func stepped(_ step: Int, at now: Timestamp) -> String? {
        guard case .experimenting(let before) = state.cycle?.stage, step > before else { return nil }
        enter(.experimenting(step: step), at: now)
        return "the ramp moves to step \(step + 1)"
    }

    private mutating func decided(
        _ verdict: ExperimentVerdict, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        guard case .experimenting = state.cycle?.stage else { return nil }
        let text: String
        switch verdict {
        case .promote(let why), .harm(let why), .undecided(let why): text = why
        }
        outcome.notices.append(
            LoopNotice(
                type: .experimentDecided, cycle: state.cycle?.id, adapter: state.cycle?.candidate, summary: text))
        switch verdict {
        case .promote(let why):
            enter(.promoting(reason: why), at: now)
            return why
        case .harm(let why): return end(.rolledBack, cause: .harm, why, at: now, &outcome)
        case .undecided(let why): return end(.rejected, cause: .undecided, why, at: now, &outcome)
        }
    }

    private mutating func promoted(at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard case .promoting(let why) = state.cycle?.stage, let cycle = state.cycle, let candidate = cycle.candidate
        else { return nil }
        if rules.holdBackShare > 0, cycle.experiment != nil {
            state.counters.experiment += 1
            state.holdBack = LoopState.HoldBack(
                adapter: state.serving.adapter, share: rules.holdBackShare, salt: "hold-back-\(cycle.id)", since: now,
                until: now.advanced(bySeconds: rules.holdBackSeconds),
                experiment: "\(rules.deployment)-e-\(state.counters.experiment)",
                selection: state.selection)
        }
        state.previous = LoopState.Previous(adapter: state.serving.adapter, selection: state.selection)
        state.serving = LoopState.Serving(
            adapter: candidate, since: now,
            reason: cycle.experiment.map { "experiment \($0) promoted it" } ?? "an operator promoted it")
        state.selection = cycle.selection
        outcome.notices.append(
            LoopNotice(
                type: .adapterPromoted, cycle: cycle.id, adapter: candidate, summary: "\(candidate) serves: \(why)"))
        return end(.promoted, cause: nil, why, at: now, &outcome)
    }

    private mutating func rollBack(
        _ why: String, actor: String, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        let target: LoopState.Previous
        if let holdBack = state.holdBack {
            target = LoopState.Previous(adapter: holdBack.adapter, selection: holdBack.selection)
        } else if let previous = state.previous {
            target = previous
        } else {
            return nil
        }
        goBack(to: target.adapter, selection: target.selection, why, actor: actor, at: now, &outcome)
        return why
    }

    private mutating func goBack(
        to adapter: String?, selection: Selection?, _ why: String, actor: String, at now: Timestamp,
        _ outcome: inout Outcome
    ) {
        let worse = state.serving.adapter
        state.serving = LoopState.Serving(adapter: adapter, since: now, reason: "rolled back by \(actor): \(why)")
        state.selection = selection
        state.holdBack = nil
        state.previous = nil
        outcome.notices.append(
            LoopNotice(
                type: .adapterRolledBack, cycle: state.cycle?.id, adapter: worse,
                summary: "\(adapter ?? "the base model") serves again: \(why)"))
        // A candidate under way was made on top of what was taken back.
        if state.cycle != nil { _ = end(.rolledBack, cause: .incumbentChanged, why, at: now, &outcome) }
    }
}

// MARK: - Operators

extension CycleMachine {
    private mutating func command(
        _ command: OperatorCommand, at now: Timestamp, _ outcome: inout Outcome
    ) throws(CommandRefusal) -> String? {
        if let seen = command.cycle, seen != state.cycle?.id {
            throw CommandRefusal(
                isConflict: true, "cycle \(seen) is not under way any more; now: \(state.cycle?.id ?? "none")")
        }
        if let seen = command.experiment, seen != state.cycle?.experiment {
            throw CommandRefusal(
                isConflict: true,
                "experiment \(seen) is not running any more; now: \(state.cycle?.experiment ?? "none")")
        }
        switch command.verb {
        case .pause:
            state.isPaused = true
            return command.reason
        case .resume:
            state.isPaused = false
            return command.reason
        case .retrain: return try retrain(command, at: now)
        case .approve:
            guard case .awaitingApproval(let why) = state.cycle?.stage else { throw notWaiting() }
            try requireResumed()
            startExperiment(at: now, &outcome, "approved by \(command.actor): \(why)")
            return command.reason
        case .reject:
            guard case .awaitingApproval = state.cycle?.stage else { throw notWaiting() }
            return end(.rejected, cause: .operatorRejected, "\(command.actor): \(command.reason)", at: now, &outcome)
        case .cancel:
            guard state.cycle != nil else { throw CommandRefusal(isConflict: true, "no cycle is under way") }
            if case .promoting = state.cycle?.stage {
                throw CommandRefusal(isConflict: true, "the promotion is under way; use rollback")
            }
            return end(.rejected, cause: .cancelled, "\(command.actor): \(command.reason)", at: now, &outcome)
        case .promote:
            return try promote(command, at: now)
        case .advance:
            guard case .experimenting(let step) = state.cycle?.stage else {
                throw CommandRefusal(isConflict: true, "no experiment is running")
            }
            guard step + 1 < rules.rampSteps else {
                throw CommandRefusal(isConflict: true, "the ramp is at its last step")
            }
            try requireResumed()
            enter(.experimenting(step: step + 1), at: now)
            return command.reason
        case .rollback: return try operatorRollback(command, at: now, &outcome)
        }
    }

    /// What the loop would have to go on with is not begun while it is paused; what a person decides for good is.
    private func requireResumed() throws(CommandRefusal) {
        if state.isPaused { throw CommandRefusal(isConflict: true, "the loop is paused; resume it first") }
    }

    private func notWaiting() -> CommandRefusal {
        CommandRefusal(isConflict: true, "no candidate waits for approval; the loop is \(stateName)")
    }

    private mutating func retrain(_ command: OperatorCommand, at now: Timestamp) throws(CommandRefusal) -> String? {
        guard state.cycle == nil else {
            throw CommandRefusal(isConflict: true, "cycle \(state.cycle?.id ?? "") is under way; cancel it first")
        }
        try requireResumed()
        let trigger = Cycle.Trigger(kind: .operator, reason: command.reason, actor: command.actor)
        return begin(trigger, recentFrom: now.advanced(bySeconds: -rules.windowSeconds), at: now)
    }

    private mutating func promote(_ command: OperatorCommand, at now: Timestamp) throws(CommandRefusal) -> String? {
        switch state.cycle?.stage {
        case .awaitingApproval, .experimenting:
            if let adapter = command.adapter, adapter != state.cycle?.candidate {
                throw CommandRefusal(
                    isConflict: true, "\(adapter) is not the candidate; that is \(state.cycle?.candidate ?? "none")")
            }
            enter(.promoting(reason: "\(command.actor): \(command.reason)"), at: now)
            return command.reason
        default: throw CommandRefusal(isConflict: true, "there is no candidate to promote; the loop is \(stateName)")
        }
    }

    /// Takes back a candidate in an experiment, else the last promotion; with `adapter` any adapter that was kept.
    private mutating func operatorRollback(
        _ command: OperatorCommand, at now: Timestamp, _ outcome: inout Outcome
    ) throws(CommandRefusal) -> String? {
        if let adapter = command.adapter {
            let target = adapter == "base" ? nil : adapter
            guard target != state.serving.adapter else {
                throw CommandRefusal(isConflict: true, "\(adapter) serves already")
            }
            goBack(to: target, selection: nil, command.reason, actor: command.actor, at: now, &outcome)
            return command.reason
        }
        switch state.cycle?.stage {
        case .experimenting, .promoting:
            return end(.rolledBack, cause: .operatorRejected, "\(command.actor): \(command.reason)", at: now, &outcome)
        default: break
        }
        guard let why = rollBack(command.reason, actor: command.actor, at: now, &outcome) else {
            throw CommandRefusal(
                isConflict: true,
                "no promotion can be taken back any more; name the adapter that shall serve, or base for the base model"
            )
        }
        return why
    }
}

// MARK: - Moving

extension CycleMachine {
    private mutating func enter(_ stage: Cycle.Stage, at now: Timestamp) {
        state.cycle?.stage = stage
        state.cycle?.since = now
    }

    private mutating func nextJob() -> String {
        state.counters.job += 1
        return "\(rules.deployment)-j-\(state.counters.job)"
    }

    private mutating func end(
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
                    LoopNotice(type: .adapterRolledBack, cycle: cycle.id, adapter: cycle.candidate, summary: why))
            }
            outcome.notices.append(
                LoopNotice(type: .cycleRejected, cycle: cycle.id, adapter: cycle.candidate, summary: why))
        case .failed: outcome.notices.append(LoopNotice(type: .cycleFailed, cycle: cycle.id, summary: why))
        case .promoted: break
        }
        return why
    }
}
