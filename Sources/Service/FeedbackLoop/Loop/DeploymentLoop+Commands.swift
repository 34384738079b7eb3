import Contracts
import Locking
import Serving
import Settings
package import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Hands an operator's command to the next step and waits for its commit.
    ///
    /// - Parameter action: the record that makes the command's id idempotent, committed with it; its result is set here.
    /// - Returns: the state's name after it.
    /// - Throws: `CommandRefusal`, or a fault of the store; `StoreError.closed` where no step follows.
    package func submit(_ command: OperatorCommand, action: ActionRecord?) async throws -> String {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<String, any Error>) in
            let item = PendingCommand(command: command, action: action) { continuation.resume(with: $0) }
            let waits = requests.withLock { requests in
                if !requests.hasEnded { requests.commands.append(item) }
                return !requests.hasEnded
            }
            if waits { wakeUp() } else { item.answer(.failure(StoreError.closed)) }
        }
    }

    func takeCommands(at now: Timestamp) async throws {
        let pending = pendingCommands()
        for (index, item) in pending.enumerated() {
            do {
                let command = try await checked(item.command, at: now)
                try await apply(.command(command), at: now) { commit, machine in
                    if var action = item.action {
                        action.result = .object(
                            JSONObject([
                                .init(name: "id", value: .string(action.id)),
                                .init(name: "state", value: .string(machine.stateName)),
                            ]))
                        commit.actions = [action]
                    }
                }
                item.answer(.success(inner.withLock { $0.machine.stateName }))
            } catch {
                item.answer(.failure(error))
                if let fault = error as? StoreError, fault.isFatal {
                    for rest in pending[(index + 1)...] { rest.answer(.failure(fault)) }
                    throw fault
                }
            }
        }
    }

    private func pendingCommands() -> [PendingCommand] {
        requests.withLock { requests in
            defer { requests.commands = [] }
            return requests.commands
        }
    }

    /// Answers every command where the loop has not begun.
    func refuseCommands() {
        let pending = pendingCommands()
        let reason = view.servingTrouble ?? "the loop of \(name) has not begun"
        for item in pending { item.answer(.failure(CommandRefusal(isConflict: true, reason))) }
    }

    /// A replay asks for somebody who answers, and for enough queries to decide anything.
    private func checkReplay() async throws {
        guard context.deployment.hasServer else {
            throw CommandRefusal(
                isConflict: false,
                "\(name) names neither a server nor a model, so that nothing can answer the logged queries again")
        }
        guard case .awaitingApproval = state.cycle?.stage else { return }
        let queries = try await replayableQueries("", candidate: state.cycle?.candidate ?? "").count
        let least = context.deployment.experiment.burnInUnits
        guard queries >= least else {
            throw CommandRefusal(
                isConflict: true,
                "of \(queries) units the log has a query that can be asked again, and a replay decides nothing below \(least) (experiment.burnInUnits)"
            )
        }
    }

    /// A rollback to a name asks for an adapter of this deployment that has served, whose files are complete: what was only
    /// ever a candidate, or was turned down, is put before nobody that way. Nor is what belongs to another base model.
    ///
    /// - Returns: the command; where it goes back to what was itself rolled back, its reason says so to all who read it.
    private func checked(_ command: OperatorCommand, at now: Timestamp) async throws -> OperatorCommand {
        try await checkBase(command)
        if command.terms?.kind == .shadow { try await checkReplay() }
        if command.terms?.kind == .superiority, let effect = command.terms?.minimumEffect {
            try await checkRoom(for: effect, at: now)
        }
        guard command.verb == .rollback, let adapter = command.adapter, adapter != "base" else { return command }
        guard let record = try await context.store.adapter(name: adapter), record.deployment == name else {
            throw CommandRefusal.unknown("\(name) has no adapter named \(adapter)")
        }
        if let id = record.cycle, try await context.store.cycle(id: id)?.state != CycleEnd.Outcome.promoted.rawValue {
            throw CommandRefusal(
                isConflict: true,
                "\(adapter) never served everybody (it is \(record.status.rawValue)); go back to one that did, or to base"
            )
        }
        guard let digest = record.digest, (try? context.adapters.digest(of: adapter)) == digest else {
            throw CommandRefusal(
                isConflict: false,
                "the files of \(adapter) are not those that were recorded; restore \(context.adapters.folder(of: adapter))"
            )
        }
        guard record.status == .rolledBack else { return command }
        var command = command
        command.reason += " (\(adapter) was rolled back itself before)"
        return command
    }

    /// Nothing can be better by more than the ratings leave room for; what is asked of a metric is another thing.
    private func checkRoom(for effect: Double, at now: Timestamp) async throws {
        guard !context.deployment.experiment.metrics.contains(where: { $0.role == .goal }),
            let mean = try await ratingMean(at: now),
            mean + effect > 1 + Self.rounding
        else { return }
        throw CommandRefusal(
            isConflict: false,
            "the ratings have a mean of \(thousandths(mean)), so that none could be better by \(percent(effect)); ask for a smaller minimumEffect"
        )
    }

    /// What a rollback without a name would have served again; nil: the base, or a candidate is taken back and nothing else.
    private var rollbackTarget: String? {
        switch state.cycle?.stage {
        case .experimenting, .promoting: nil
        default: state.holdBack.map(\.adapter) ?? state.previous?.adapter
        }
    }

    /// What a command would have served, where it is known before: it would be waited for in vain.
    private func checkBase(_ command: OperatorCommand) async throws {
        let wanted: String? =
            switch command.verb {
            case .approve, .promote, .advance: state.cycle?.candidate
            case .rollback: command.adapter ?? rollbackTarget
            default: nil
            }
        guard let wanted, wanted != "base", let record = try await context.store.adapter(name: wanted),
            let problem = baseProblem(record)
        else { return }
        throw CommandRefusal(isConflict: true, problem)
    }
}
