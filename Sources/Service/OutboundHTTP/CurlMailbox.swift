import Locking

/// Commands on their way to curl's thread.
final class CurlMailbox: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        /// Go on after a pause.
        case resume(Transfer)
        /// Take away: the transfer has failed already.
        case end(Transfer)
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    private let state = Locked(State())

    /// Adds a command; calls `wake`, under the lock, unless a wake-up is under way. False: closed, nothing was added.
    func post(_ command: Command, wake: () -> Void) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.commands.append(command)
            if state.commands.count == 1 { wake() }
            return true
        }
    }

    func close(wake: () -> Void) {
        state.withLock { state in
            state.isClosed = true
            wake()
        }
    }

    /// All commands so far, and whether they are the last.
    func take() -> (commands: [Command], isClosed: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            return (commands, state.isClosed)
        }
    }
}
