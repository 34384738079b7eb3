import Locking
import Values
import Webhooks

/// A wall clock that stands still until it is told to go on. Says when somebody begins to sleep.
final class ManualDeliveryClock: DeliveryClock {
    private struct State {
        var now: Timestamp
        var sleepers: [Int: (time: Timestamp, continuation: CheckedContinuation<Void, Never>)] = [:]
        var nextSleeper = 0
    }

    private let state: Locked<State>
    /// Until when each sleep lasts, as it begins.
    let sleeps: AsyncStream<Timestamp>
    private let sleepBegan: AsyncStream<Timestamp>.Continuation

    init(now: Timestamp) {
        state = Locked(State(now: now))
        (sleeps, sleepBegan) = AsyncStream.makeStream(of: Timestamp.self)
    }

    func now() -> Timestamp { state.withLock { $0.now } }

    func sleep(until time: Timestamp) async {
        let sleeper = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Bool in
                    if time <= state.now || Task.isCancelled { return true }
                    state.sleepers[sleeper] = (time, continuation)
                    return false
                }
                if ready { continuation.resume() } else { sleepBegan.yield(time) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: sleeper) }?.continuation.resume()
        }
    }

    func advance(to time: Timestamp) {
        let woken = state.withLock { state in
            state.now = max(state.now, time)
            let due = state.sleepers.filter { $0.value.time <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}
