import API
import Contracts
import Values

extension CycleMachine {
    mutating func command(
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
            state.cycle?.approvedBy = command.actor
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
            state.cycle?.approvedBy = command.actor
            state.cycle?.promotedBy = command.actor
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
