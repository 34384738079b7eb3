import Locking

/// Wakes one waiting task; a signal without a waiter is kept for the next, and several count as one.
final class WakeSignal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Locked(State())

    func set() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiter == nil { state.isSet = true }
            return state.waiter.take()
        }?.resume()
    }

    /// Returns after a signal, or when the calling task is cancelled. One waiter at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state -> Bool in
                    if state.isSet || Task.isCancelled {
                        state.isSet = false
                        return true
                    }
                    precondition(state.waiter == nil, "a wake signal has one waiter")
                    state.waiter = continuation
                    return false
                }
                if goOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
