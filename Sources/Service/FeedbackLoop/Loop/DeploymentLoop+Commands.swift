import Tuning
import Locking
import Contracts
package import Store
import Values

extension DeploymentLoop {
    /// Hands an operator's command to the next step and waits for its commit.
    ///
    /// - Parameter action: the record that makes the command's id idempotent, committed with it; its result is set here.
    /// - Returns: the state's name after it.
    /// - Throws: `CommandRefusal`, or a fault of the store.
    package func submit(_ command: OperatorCommand, action: ActionRecord?) async throws -> String {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<String, any Error>) in
            commands.withLock { pending in
                pending.append(
                    PendingCommand(command: command, action: action) { continuation.resume(with: $0) })
            }
            wake.withLock { $0 }?()
        }
    }

    func takeCommands(at now: Timestamp) async throws {
        let pending = commands.withLock { pending in
            defer { pending = [] }
            return pending
        }
        for item in pending {
            do {
                let job = state.cycle?.stage.job
                try await apply(.command(item.command), at: now) { commit, machine in
                    if var action = item.action {
                        action.result = .object(
                            JSONObject([
                                .init(name: "id", value: .string(action.id)),
                                .init(name: "state", value: .string(machine.stateName)),
                            ]))
                        commit.actions = [action]
                    }
                }
                if let job, state.cycle?.stage.job != job {
                    await context.runner.cancel(job, folder: context.jobs.folder(of: job))
                }
                item.answer(.success(inner.withLock { $0.machine.stateName }))
            } catch {
                item.answer(.failure(error))
                if let fault = error as? StoreError, fault.isFatal { throw fault }
            }
        }
    }
}
