import Locking

/// One request and what has come of its answer: shared by curl's thread, which fills it, and the task that reads it.
final class Transfer: Sendable {
    struct Head: Sendable {
        var status: Int
        var headers: HeaderFields
    }

    typealias HeadContinuation = CheckedContinuation<Result<Head, OutboundHTTPError>, Never>
    typealias ChunkOutcome = Result<[UInt8]?, OutboundHTTPError>
    typealias ChunkContinuation = CheckedContinuation<ChunkOutcome, Never>

    /// Bytes that wait for the reader before the transfer is paused.
    static let maximumHeldBytes = 64 * 1024

    private struct State {
        var headContinuation: HeadContinuation?
        var chunkContinuation: ChunkContinuation?
        var head: Head?
        /// Pieces not yet read; those before `next` are taken.
        var chunks: [[UInt8]] = []
        var next = 0
        var heldBytes = 0
        var paused = false
        var outcome: Result<Void, OutboundHTTPError>?

        /// The next piece, or the end once all pieces are taken, or nil: wait.
        mutating func take() -> ChunkOutcome? {
            if next < chunks.count {
                let chunk = chunks[next]
                next += 1
                heldBytes -= chunk.count
                if next == chunks.count {
                    chunks.removeAll(keepingCapacity: true)
                    next = 0
                } else {
                    chunks[next - 1] = []
                }
                return .success(chunk)
            }
            return outcome.map { $0.map { nil } }
        }

        /// Whether the transfer should go on now; says so once.
        mutating func takeResume() -> Bool {
            guard paused, heldBytes <= maximumHeldBytes / 2, outcome == nil else { return false }
            paused = false
            return true
        }
    }

    let request: OutboundRequest
    private let state = Locked(State())

    init(request: OutboundRequest) {
        self.request = request
    }

    // MARK: The reader's side

    /// Registers who waits for the head. Returns whether the transfer is to be started.
    func awaitHead(_ continuation: HeadContinuation) -> Bool {
        let failure = state.withLock { state -> OutboundHTTPError? in
            if case .failure(let error) = state.outcome { return error }
            state.headContinuation = continuation
            return nil
        }
        guard let failure else { return true }
        continuation.resume(returning: .failure(failure))
        return false
    }

    /// A piece if one is here, and whether the transfer is to be resumed.
    func takeChunk() -> (outcome: ChunkOutcome, resume: Bool)? {
        state.withLock { state in
            guard let outcome = state.take() else { return nil }
            return (outcome, state.takeResume())
        }
    }

    /// Registers who waits for the next piece. Returns whether the transfer is to be resumed.
    func awaitChunk(_ continuation: ChunkContinuation) -> Bool {
        let (outcome, resume) = state.withLock { state -> (ChunkOutcome?, Bool) in
            precondition(state.chunkContinuation == nil, "a response body has one reader")
            let outcome = state.take()
            if outcome == nil { state.chunkContinuation = continuation }
            return (outcome, state.takeResume())
        }
        if let outcome { continuation.resume(returning: outcome) }
        return resume
    }

    // MARK: The thread's side

    var isFinished: Bool { state.withLock { $0.outcome != nil } }

    func receive(_ head: Head) {
        let continuation = state.withLock { state in
            state.head = head
            return state.headContinuation.take()
        }
        continuation?.resume(returning: .success(head))
    }

    /// Takes a piece, or refuses it while the reader is behind: then the transfer is paused.
    func receive(_ chunk: UnsafeRawBufferPointer) -> Bool {
        enum Step {
            case wake(ChunkContinuation)
            case held
            case refused
        }
        let bytes = unsafe [UInt8](chunk)
        let step = state.withLock { state -> Step in
            if let continuation = state.chunkContinuation.take() { return .wake(continuation) }
            guard state.heldBytes == 0 || state.heldBytes + bytes.count <= Self.maximumHeldBytes else {
                state.paused = true
                return .refused
            }
            state.chunks.append(bytes)
            state.heldBytes += bytes.count
            return .held
        }
        switch step {
        case .wake(let continuation):
            continuation.resume(returning: .success(bytes))
            return true
        case .held: return true
        case .refused: return false
        }
    }

    /// The end, good or bad; only the first one counts. Returns whether this was it.
    @discardableResult
    func finish(_ outcome: Result<Void, OutboundHTTPError>) -> Bool {
        let (first, head, chunk) = state.withLock { state -> (Bool, HeadContinuation?, ChunkContinuation?) in
            guard state.outcome == nil else { return (false, nil, nil) }
            state.outcome = outcome
            return (true, state.headContinuation.take(), state.chunkContinuation.take())
        }
        switch outcome {
        case .success:
            // A good end without a head cannot be: libcurl calls that an error.
            head?.resume(
                returning: .failure(.malformedResponse(url: request.redactedURL, reason: "it has no head")))
            chunk?.resume(returning: .success(nil))
        case .failure(let error):
            head?.resume(returning: .failure(error))
            chunk?.resume(returning: .failure(error))
        }
        return first
    }
}
