import Locking

/// Whether the client of a connection is still there, and who wants to know when it is not.
final class ClientPresence: Sendable {
    private struct State {
        var hasLeft = false
        var actions: [@Sendable () -> Void] = []
        var cancelsTask = false
        var task: Task<Void, Never>?
    }

    private let state = Locked(State())

    var hasLeft: Bool { state.withLock { $0.hasLeft } }

    /// Names the task that answers the connection's requests.
    func answered(by task: Task<Void, Never>) {
        let cancelNow = state.withLock { state in
            state.task = task
            return state.hasLeft && state.cancelsTask
        }
        if cancelNow { task.cancel() }
    }

    func cancelWhenLeft() {
        let task = state.withLock { state in
            state.cancelsTask = true
            return state.hasLeft ? state.task : nil
        }
        task?.cancel()
    }

    func onLeft(_ action: @escaping @Sendable () -> Void) {
        let callNow = state.withLock { state in
            if !state.hasLeft { state.actions.append(action) }
            return state.hasLeft
        }
        if callNow { action() }
    }

    /// An answer is complete: what its route wanted to know no longer matters.
    func answerCompleted() {
        state.withLock { state in
            state.actions = []
            state.cancelsTask = false
        }
    }

    /// The client has left.
    func leave() {
        let (actions, task) = state.withLock { state in
            let first = !state.hasLeft
            state.hasLeft = true
            let actions = state.actions
            state.actions = []
            return (actions, first && state.cancelsTask ? state.task : nil)
        }
        for action in actions { action() }
        task?.cancel()
    }
}
