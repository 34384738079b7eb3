import API
import Contracts
import Values

extension CycleMachine {
    mutating func startExperiment(at now: Timestamp, _ outcome: inout Outcome, _ why: String) {
        // The hold-back of the promotion before ends here: two comparisons at once would mix their arms.
        state.holdBack = nil
        state.counters.experiment += 1
        let experiment = "\(rules.deployment)-e-\(state.counters.experiment)"
        state.cycle?.experiment = experiment
        enter(.experimenting(step: 0), at: now)
        outcome.notices.append(
            LoopNotice(
                type: .experimentStarted, cycle: state.cycle?.id, experiment: experiment,
                adapter: state.cycle?.candidate,
                summary:
                    "\(state.cycle?.candidate ?? "") is compared with \(state.serving.adapter ?? "the base model"): \(why)"
            ))
    }

    /// Nobody is exposed, so a hold-back goes on beside it.
    mutating func startShadow(at now: Timestamp, _ outcome: inout Outcome, _ why: String) {
        enter(.shadowing, at: now)
        outcome.notices.append(
            LoopNotice(
                type: .experimentStarted, cycle: state.cycle?.id, adapter: state.cycle?.candidate,
                summary:
                    "shadow replay: \(state.cycle?.candidate ?? "") and \(state.serving.adapter ?? "the base model") answer the same logged queries, and wait for judges: \(why)"
            ))
    }

    /// Whether people are exposed to a candidate that the mode exposed them to, and that it would not any more.
    package var isExposedUnasked: Bool {
        guard rules.mode == .observe, let cycle = state.cycle, cycle.approvedBy == nil else { return false }
        switch cycle.stage {
        case .experimenting, .promoting: return true
        default: return false
        }
    }

    mutating func exposureEnded(at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard isExposedUnasked else { return nil }
        return end(
            .rejected, cause: .cancelled,
            "the mode is observe by now, and nobody approved \(state.cycle?.candidate ?? "the candidate"): everybody is answered as before; retrain makes another one",
            at: now, &outcome)
    }

    mutating func stepped(_ step: Int, at now: Timestamp) -> String? {
        guard case .experimenting(let before) = state.cycle?.stage, step > before else { return nil }
        enterStep(step, at: now)
        return "the ramp moves to step \(step + 1)"
    }

    mutating func enterStep(_ step: Int, at now: Timestamp) {
        enter(.experimenting(step: step), at: now)
        state.cycle?.awaitedStep = nil
        state.cycle?.told = nil
    }

    /// Asks for an approval once.
    mutating func stepAwaited(_ step: Int, _ why: String, _ outcome: inout Outcome) {
        guard case .experimenting(let now) = state.cycle?.stage, step == now + 1, state.cycle?.awaitedStep != step
        else { return }
        state.cycle?.awaitedStep = step
        tell(.approvalNeeded, "step \(step + 1) of the ramp waits for approval: \(why)", &outcome)
    }

    /// Says once why the ramp stands; where it stood for the same reason before, nobody is told again.
    mutating func rampHeld(_ why: String, _ outcome: inout Outcome) {
        guard case .experimenting = state.cycle?.stage, state.cycle?.told != why else { return }
        state.cycle?.told = why
        tell(.experimentHeld, "the ramp is held: \(why)", &outcome)
    }

    private func tell(_ type: WebhookEventType, _ what: String, _ outcome: inout Outcome) {
        let cycle = state.cycle
        outcome.notices.append(
            LoopNotice(
                type: type, cycle: cycle?.id, experiment: cycle?.experiment, adapter: cycle?.candidate,
                summary: "\(cycle?.experiment ?? ""), \(cycle?.candidate ?? ""): \(what)"))
    }

    mutating func decided(
        _ verdict: ExperimentVerdict, at now: Timestamp, _ outcome: inout Outcome
    ) -> String? {
        switch state.cycle?.stage {
        case .experimenting, .shadowing: break
        default: return nil
        }
        let text: String
        switch verdict {
        case .promote(let why), .harm(let why), .undecided(let why): text = why
        }
        outcome.notices.append(
            LoopNotice(
                type: .experimentDecided, cycle: state.cycle?.id, experiment: state.cycle?.experiment,
                adapter: state.cycle?.candidate, summary: text))
        switch verdict {
        case .promote(let why):
            enter(.promoting(reason: why), at: now)
            return why
        case .harm(let why): return end(.rolledBack, cause: .harm, why, at: now, &outcome)
        case .undecided(let why): return end(.rejected, cause: .undecided, why, at: now, &outcome)
        }
    }

    mutating func promoted(at now: Timestamp, _ outcome: inout Outcome) -> String? {
        guard case .promoting(let why) = state.cycle?.stage, let cycle = state.cycle, let candidate = cycle.candidate
        else { return nil }
        // The hold-back of the promotion before ends here, whether or not there is another one.
        state.holdBack = nil
        if rules.holdBackShare > 0 {
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
            reason: cycle.promotedBy.map { "\($0) promoted it" }
                ?? cycle.experiment.map { "experiment \($0) promoted it" }
                ?? "the shadow replay of \(cycle.id) promoted it")
        state.selection = cycle.selection
        outcome.notices.append(
            LoopNotice(
                type: .adapterPromoted, cycle: cycle.id, experiment: cycle.experiment, adapter: candidate,
                summary: "\(candidate) serves: \(why)"))
        return end(.promoted, cause: nil, why, at: now, &outcome)
    }

    mutating func rollBack(
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

    mutating func goBack(
        to adapter: String?, selection: Selection?, _ why: String, actor: String, at now: Timestamp,
        _ outcome: inout Outcome
    ) {
        let worse = state.serving.adapter
        let comparison = state.holdBack?.experiment
        state.serving = LoopState.Serving(adapter: adapter, since: now, reason: "rolled back by \(actor): \(why)")
        state.selection = selection
        state.holdBack = nil
        state.previous = nil
        outcome.notices.append(
            LoopNotice(
                type: .adapterRolledBack, cycle: state.cycle?.id, experiment: comparison, adapter: worse,
                summary:
                    "rolled back by \(actor): \(adapter ?? "the base model") serves again in place of \(worse ?? "the base model"): \(why)"
            ))
        // A candidate under way was made on top of what was taken back.
        guard state.cycle != nil else { return }
        let ending =
            "\(underWay) ends, since \(actor) took back \(worse ?? "the base model"), on which it was built: \(why)"
        _ = end(.rolledBack, cause: .incumbentChanged, ending, at: now, &outcome)
    }

    /// The cycle under way with what it has made, as people are told of it.
    var underWay: String {
        guard let cycle = state.cycle else { return "no cycle" }
        let made = [cycle.candidate.map { "candidate \($0)" }, cycle.experiment.map { "experiment \($0)" }]
            .compactMap(\.self)
        return "cycle \(cycle.id)" + (made.isEmpty ? "" : " (\(made.joined(separator: ", ")))")
    }
}
