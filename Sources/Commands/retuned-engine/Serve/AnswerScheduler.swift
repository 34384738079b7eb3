import Foundation
import Locking
import Tensors
import Transformer

/// Answers many requests at once on a thread of its own (continuous batching: Yu et al., Orca, OSDI 2022).
///
/// 1. Requests wait in a queue of limited length.
/// 2. Before each step the thread drops answers whose client has left and takes waiting requests up to its batch.
/// 3. A step takes in, for every answer at once, the next piece of its prompt or its last token, each under its own
///    adapter, and chooses the next token of each. Answers that are complete leave the batch at once.
final class AnswerScheduler: Sendable {
    private struct Waiting {
        var identifier: Int
        var request: AnswerRequest
        var sink: AsyncStream<AnswerEvent>.Continuation
    }

    private struct State {
        var waiting: [Waiting] = []
        var cancelled: Set<Int> = []
        var next = 0
        var isStopped = false
    }

    private let model: Model
    private let template: ChatTemplate
    private let maximumBatch: Int
    private let maximumQueue: Int
    private let state = Locked(State())
    /// Signalled when a request comes or the scheduler is to stop.
    private let news = DispatchSemaphore(value: 0)

    init(model: Model, template: ChatTemplate, threads: Int, maximumBatch: Int, maximumQueue: Int) {
        self.model = model
        self.template = template
        self.maximumBatch = maximumBatch
        self.maximumQueue = maximumQueue
        let thread = Thread { [self] in run(threads: threads) }
        thread.name = "answers"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Puts a request into the queue; its events end with `finished` or `failed`, or with neither when the scheduler
    /// stops. Whoever no longer iterates has its answer dropped.
    /// - Throws: `CompletionFailure` (503) when the queue is full.
    func answer(_ request: AnswerRequest) throws -> AsyncStream<AnswerEvent> {
        let (events, sink) = AsyncStream.makeStream(of: AnswerEvent.self)
        let identifier = state.withLock { state -> Int? in
            guard !state.isStopped, state.waiting.count < maximumQueue + maximumBatch else { return nil }
            state.next += 1
            state.waiting.append(Waiting(identifier: state.next, request: request, sink: sink))
            return state.next
        }
        guard let identifier else {
            throw CompletionFailure.overloaded("The queue of requests is full; try again in a second.")
        }
        sink.onTermination = { [self] reason in
            guard case .cancelled = reason else { return }
            state.withLock { _ = $0.cancelled.insert(identifier) }
        }
        news.signal()
        return events
    }

    /// Ends the thread after its current step.
    func stop() {
        state.withLock { $0.isStopped = true }
        news.signal()
    }

    private func run(threads: Int) {
        let workspace = Workspace(threads: threads)
        var prefixes = PrefixMemory()
        var running: [RunningAnswer] = []
        while true {
            if running.isEmpty { news.wait() }
            let (started, cancelled, isStopped) = state.withLock { state in
                let cancelled = state.cancelled
                state.cancelled = []
                state.waiting.removeAll { cancelled.contains($0.identifier) }
                let room = max(0, maximumBatch - running.count)
                let started = Array(state.waiting.prefix(room))
                state.waiting.removeFirst(started.count)
                return (started, cancelled, state.isStopped)
            }
            if isStopped {
                state.withLock { state in
                    for waiting in state.waiting { waiting.sink.finish() }
                    state.waiting = []
                }
                for waiting in started { waiting.sink.finish() }
                return
            }
            if !cancelled.isEmpty { running.removeAll { cancelled.contains($0.identifier) } }
            for waiting in started { running.append(start(waiting, &prefixes, workspace)) }
            guard !running.isEmpty else { continue }
            let logits = model.step(running.map { $0.nextSlice() }, workspace: workspace)
            var going: [RunningAnswer] = []
            going.reserveCapacity(running.count)
            for (row, answer) in running.enumerated() where answer.advance(logits, row: row) { going.append(answer) }
            running = going
        }
    }

    private func start(
        _ waiting: Waiting, _ prefixes: inout PrefixMemory, _ workspace: Workspace
    ) -> RunningAnswer {
        let request = waiting.request
        let (cache, held) = prefixes.cache(
            for: request.prompt, adapter: request.adapter, capacity: request.prompt.count + request.maximumTokens,
            model: model
        ) { [model] tokens, cache in
            _ = model.step(
                [SequenceSlice(cache: cache, tokens: tokens, adapter: request.adapter)], workspace: workspace)
        }
        let sink = waiting.sink
        return RunningAnswer(
            request, identifier: waiting.identifier, cache: cache, held: held, template: template
        ) { event in
            sink.yield(event)
            switch event {
            case .finished, .failed: sink.finish()
            case .text: break
            }
        }
    }
}
