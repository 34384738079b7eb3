import Locking

/// Tells waiting tasks that something was committed.
final class ChangeSignals: Sendable {
    private struct State {
        var next = 0
        var ended = false
        var streams: [Int: (change: StoreChange, continuation: AsyncStream<Void>.Continuation)] = [:]
    }

    private let state = Locked(State())

    func stream(of change: StoreChange) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            if state.ended { return nil }
            state.next += 1
            state.streams[state.next] = (change, continuation)
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.streams.removeValue(forKey: number) }
        }
        return stream
    }

    func send(_ changes: Set<StoreChange>) {
        let waiting = state.withLock { state in state.streams.values.filter { changes.contains($0.change) } }
        for (_, continuation) in waiting { continuation.yield() }
    }

    func end() {
        let waiting = state.withLock { state in
            state.ended = true
            let all = Array(state.streams.values)
            state.streams = [:]
            return all
        }
        for (_, continuation) in waiting { continuation.finish() }
    }
}
