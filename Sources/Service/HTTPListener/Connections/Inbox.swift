import Locking
import NIOCore
package import NIOHTTP1

/// What has come from a client and was not taken yet: filled on the event loop, emptied by the connection's task.
package final class Inbox: Sendable {
    private struct State {
        var parts: [HTTPServerRequestPart] = []
        var taken = 0
        var bufferedBytes = 0
        /// What `next` answers when the parts are used up: `nil` while more may come.
        var end: Result<Void, RequestFailure>?
        var waiter: CheckedContinuation<HTTPServerRequestPart?, any Error>?
        /// The event loop has stopped reading because too much lies here.
        var isPaused = false
    }

    /// Reading stops at this many bytes.
    package static let capacityBytes = 64 * 1024

    private let state = Locked(State())

    package init() {}

    /// Whether there is room for more; where there is none, the `next` that makes room calls its `resumeReading`.
    package func hasRoom() -> Bool {
        state.withLock { state in
            state.isPaused = state.bufferedBytes >= Self.capacityBytes
            return !state.isPaused
        }
    }

    var isEmpty: Bool { state.withLock { $0.parts.count == $0.taken } }

    var hasFailed: Bool {
        state.withLock { state in
            if case .failure = state.end { true } else { false }
        }
    }

    package func put(_ part: HTTPServerRequestPart) {
        let waiter = state.withLock { state -> CheckedContinuation<HTTPServerRequestPart?, any Error>? in
            guard state.end == nil else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            state.parts.append(part)
            state.bufferedBytes += Self.bytes(of: part)
            return nil
        }
        waiter?.resume(returning: part)
    }

    /// Nothing more will come. The first end counts.
    func finish(_ end: Result<Void, RequestFailure>) {
        let waiter = state.withLock { state -> CheckedContinuation<HTTPServerRequestPart?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: end.map { nil }.mapError { $0 })
    }

    /// The next part, `nil` at a clean end; throws ``RequestFailure``. `resumeReading` is called where there is room
    /// again after the event loop had stopped reading.
    package func next(resumeReading: () -> Void) async throws -> HTTPServerRequestPart? {
        try await withCheckedThrowingContinuation { continuation in
            // Looking and waiting are one step: whatever comes between two would be taken without a word to the event loop.
            let (outcome, resumes) = state.withLock { state in
                let outcome = Self.take(&state)
                if outcome == nil { state.waiter = continuation }
                return (outcome, Self.takeResume(&state))
            }
            if resumes { resumeReading() }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// The next part or the end; `nil`: wait.
    private static func take(_ state: inout State) -> Result<HTTPServerRequestPart?, any Error>? {
        guard state.taken < state.parts.count else { return state.end.map { $0.map { nil }.mapError { $0 } } }
        let part = state.parts[state.taken]
        state.taken += 1
        state.bufferedBytes -= bytes(of: part)
        if state.taken == state.parts.count {
            state.parts.removeAll(keepingCapacity: state.parts.count <= 16)
            state.taken = 0
        } else if state.taken >= 64 {
            state.parts.removeFirst(state.taken)
            state.taken = 0
        }
        return .success(part)
    }

    /// Whether the event loop should go on reading; says so once.
    private static func takeResume(_ state: inout State) -> Bool {
        guard state.isPaused, state.bufferedBytes < capacityBytes / 2 else { return false }
        state.isPaused = false
        return true
    }

    private static func bytes(of part: HTTPServerRequestPart) -> Int {
        if case .body(let buffer) = part { buffer.readableBytes } else { 0 }
    }
}
