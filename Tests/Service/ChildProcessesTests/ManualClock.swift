import Locking

/// A clock that stands still until it is told to go on. Sleepers can be waited for.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var nextSleeper = 0
    }

    private let state = Locked(State())
    /// The length of every sleep as it begins.
    let sleeps: AsyncStream<Duration>
    private let sleepBegan: AsyncStream<Duration>.Continuation

    init() { (sleeps, sleepBegan) = AsyncStream.makeStream(of: Duration.self) }

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let sleeper = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (ready, length) = state.withLock { state -> (Bool, Duration) in
                    let length = state.now.duration(to: deadline)
                    if length <= .zero || Task.isCancelled { return (true, length) }
                    state.sleepers[sleeper] = (deadline, continuation)
                    return (false, length)
                }
                if ready {
                    continuation.resume(with: Result { try Task.checkCancellation() })
                } else {
                    sleepBegan.yield(length)
                }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: sleeper) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}
