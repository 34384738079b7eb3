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
        case .approve: return try approve(command, at: now, &outcome)
        case .reject:
            switch state.cycle?.stage {
            case .awaitingApproval, .shadowing: break
            default: throw notWaiting()
            }
            return end(.rejected, cause: .operatorRejected, told("rejected", by: command), at: now, &outcome)
        case .cancel:
            guard state.cycle != nil else { throw CommandRefusal(isConflict: true, "no cycle is under way") }
            if case .promoting = state.cycle?.stage {
                throw CommandRefusal(isConflict: true, "the promotion is under way; use rollback")
            }
            return end(.rejected, cause: .cancelled, told("cancelled", by: command), at: now, &outcome)
        case .promote:
            return try promote(command, at: now)
        case .advance: return try advance(command, at: now)
        case .holdRamp, .releaseRamp: return try hold(command)
        case .rollback: return try operatorRollback(command, at: now, &outcome)
        }
    }

    /// What an operator did to the cycle under way, in a sentence.
    private func told(_ deed: String, by command: OperatorCommand) -> String {
        "\(command.actor) \(deed) \(underWay): \(command.reason)"
    }

    /// Holds the ramp where it is, or lets it go on; ratings count meanwhile, and harm stops the experiment.
    private mutating func hold(_ command: OperatorCommand) throws(CommandRefusal) -> String? {
        guard case .experimenting = state.cycle?.stage else {
            throw CommandRefusal(isConflict: true, "no experiment is running; the loop is \(stateName)")
        }
        let holds = command.verb == .holdRamp
        guard holds == (state.cycle?.heldBy == nil) else {
            throw CommandRefusal(
                isConflict: true, state.cycle?.heldBy.map { "\($0) holds the ramp already" } ?? "nobody holds the ramp")
        }
        state.cycle?.heldBy = holds ? command.actor : nil
        return command.reason
    }

    /// Lets a candidate be compared, as configured or by other terms; or a step of the ramp that waits for it begin.
    private mutating func approve(
        _ command: OperatorCommand, at now: Timestamp, _ outcome: inout Outcome
    ) throws(CommandRefusal) -> String? {
        if case .experimenting = state.cycle?.stage, let step = state.cycle?.awaitedStep {
            guard command.terms == nil else {
                throw CommandRefusal(
                    isConflict: false, "the experiment runs; how it is decided cannot be chosen any more")
            }
            try requireReleased()
            enterStep(step, at: now)
            return command.reason
        }
        guard case .awaitingApproval(let why) = state.cycle?.stage else { throw notWaiting() }
        try requireResumed()
        if let problem = termsProblem(command.terms) { throw CommandRefusal(isConflict: false, problem) }
        state.cycle?.approvedBy = command.actor
        state.cycle?.terms = command.terms
        guard command.terms?.kind != .shadow else {
            startShadow(at: now, &outcome, "approved by \(command.actor): \(why)")
            return command.reason
        }
        startExperiment(at: now, &outcome, "approved by \(command.actor): \(why)")
        return command.reason
    }

    /// Why the candidate cannot be compared by such terms. What cannot be decided in time is not begun.
    private func termsProblem(_ terms: ComparisonTerms?) -> String? {
        guard let cycle = state.cycle, let problem = cycle.planProblem else { return nil }
        func offered(_ kind: ComparisonTerms.Kind) -> ComparisonTerms? {
            cycle.offers?.first { $0.terms.kind == kind }?.terms
        }
        let smallestEffect = offered(.superiority)?.minimumEffect
        switch terms?.kind ?? .superiority {
        case .superiority:
            if let smallestEffect, let wanted = terms?.minimumEffect, wanted >= smallestEffect { return nil }
        case .nonInferiority:
            if let smallest = cycle.smallestMargin,
                let wanted = terms?.margin ?? offered(.nonInferiority)?.margin, wanted >= smallest
            {
                return nil
            }
        case .shadow: return nil
        }
        let decidable = [
            smallestEffect.map { "superiority with a minimumEffect of \($0) or more" },
            cycle.smallestMargin.map { "nonInferiority with a margin of \($0) or more" },
        ].compactMap(\.self)
        let inTime = decidable.isEmpty ? "nothing" : decidable.joined(separator: ", or ")
        return
            "\(problem); in time could be decided: \(inTime); a shadow replay exposes nobody; or promote or reject it"
    }

    /// Moves the ramp on, to the next step or further.
    private mutating func advance(_ command: OperatorCommand, at now: Timestamp) throws(CommandRefusal) -> String? {
        guard case .experimenting(let step) = state.cycle?.stage else {
            throw CommandRefusal(isConflict: true, "no experiment is running")
        }
        guard step + 1 < rules.rampSteps else {
            throw CommandRefusal(isConflict: true, "the ramp is at its last step")
        }
        let wanted = command.step ?? step + 1
        guard wanted > step, wanted < rules.rampSteps else {
            throw CommandRefusal(
                isConflict: false,
                "the ramp is at step \(step + 1) of \(rules.rampSteps); it can go on to a later one, and nobody is moved back"
            )
        }
        try requireReleased()
        enterStep(wanted, at: now)
        return command.reason
    }

    /// What the loop would have to go on with is not begun while it is paused; what a person decides for good is.
    private func requireResumed() throws(CommandRefusal) {
        if state.isPaused { throw CommandRefusal(isConflict: true, "the loop is paused; resume it first") }
    }

    /// Nor does a ramp that somebody holds move on.
    private func requireReleased() throws(CommandRefusal) {
        try requireResumed()
        if let holder = state.cycle?.heldBy {
            throw CommandRefusal(isConflict: true, "\(holder) holds the ramp; release it first")
        }
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
        case .awaitingApproval, .experimenting, .shadowing:
            if let adapter = command.adapter, adapter != state.cycle?.candidate {
                throw CommandRefusal(
                    isConflict: true, "\(adapter) is not the candidate; that is \(state.cycle?.candidate ?? "none")")
            }
            state.cycle?.approvedBy = command.actor
            state.cycle?.promotedBy = command.actor
            enter(.promoting(reason: "\(command.actor) promoted it: \(command.reason)"), at: now)
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
            return end(.rolledBack, cause: .operatorRejected, told("rolled back", by: command), at: now, &outcome)
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
