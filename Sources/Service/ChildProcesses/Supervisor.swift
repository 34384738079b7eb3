import Locking

/// Keeps a long-running child alive: start, wait until it is ready, watch, start again with growing delays, stop.
package final class Supervisor: Sendable {
    private struct State {
        var loop: Task<Void, Never>?
        var isStopped = false
        var child: ChildProcess?
        var isReady = false
        var restartRequested = false
        var observers: [Int: AsyncStream<SupervisorEvent>.Continuation] = [:]
        var nextObserver = 0
    }

    private let command: @Sendable () -> ChildCommand
    private let policy: RestartPolicy
    private let clock: any Clock<Duration>
    private let randomFraction: @Sendable () -> Double
    private let isReady: @Sendable (Int32) async -> Bool
    private let line: @Sendable (ChildLine) -> Void
    private let state = Locked(State())

    /// - Parameters:
    ///   - command: asked before each start.
    ///   - randomFraction: uniform in 0 ..< 1.
    ///   - isReady: asked every `readyInterval` with the process identifier until it says yes; must heed cancellation.
    package init(
        command: @escaping @Sendable () -> ChildCommand, policy: RestartPolicy = RestartPolicy(),
        clock: any Clock<Duration>, randomFraction: @escaping @Sendable () -> Double,
        isReady: @escaping @Sendable (Int32) async -> Bool = { _ in true },
        line: @escaping @Sendable (ChildLine) -> Void = { _ in }
    ) {
        self.command = command
        self.policy = policy
        self.clock = clock
        self.randomFraction = randomFraction
        self.isReady = isReady
        self.line = line
    }

    /// Works until `stop()` or the calling task's cancellation; returns when the child has ended. May be called once.
    package func run() async {
        let loop = Task { await superviseUntilCancelled() }
        let isStopped = state.withLock { state in
            precondition(state.loop == nil, "a supervisor runs once")
            state.loop = loop
            return state.isStopped
        }
        if isStopped { loop.cancel() }
        await withTaskCancellationHandler {
            await loop.value
        } onCancel: {
            loop.cancel()
        }
    }

    /// Has `run()` end the child and return.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            return state.loop
        }?.cancel()
    }

    /// Ends the running child and starts a new one at once, without delay.
    package func restart() async {
        let child = state.withLock { state in
            state.restartRequested = state.child != nil
            return state.child
        }
        await child?.terminate(grace: policy.stopGrace)
    }

    /// The child that has passed its ready check, if it still runs.
    package var readyProcess: Int32? {
        state.withLock { $0.isReady ? $0.child?.processIdentifier : nil }
    }

    /// Every event from now on; ends after `.stopped`. The oldest are dropped beyond 256 unread.
    package func events() -> AsyncStream<SupervisorEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SupervisorEvent.self, bufferingPolicy: .bufferingNewest(256))
        let observer = state.withLock { state in
            state.nextObserver += 1
            state.observers[state.nextObserver] = continuation
            return state.nextObserver
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: observer) }
        }
        return stream
    }

    private func emit(_ event: SupervisorEvent) {
        for observer in state.withLock({ Array($0.observers.values) }) { observer.yield(event) }
    }

    private func superviseUntilCancelled() async {
        var restarts = 0
        while !Task.isCancelled {
            var wasHealthy = false
            let lived = await clock.measure { wasHealthy = await superviseOnce() }
            if Task.isCancelled { break }
            let isRequested = state.withLock { state in
                defer { state.restartRequested = false }
                return state.restartRequested
            }
            if isRequested || (wasHealthy && lived >= policy.healthyAfter) { restarts = 0 }
            if isRequested { continue }
            restarts += 1
            let delay = policy.delay(beforeRestart: restarts, fraction: randomFraction())
            emit(.restarting(after: delay, restart: restarts))
            try? await clock.sleep(for: delay)
        }
        emit(.stopped)
        for observer in state.withLock({ Array($0.observers.values) }) { observer.finish() }
    }

    /// One life of a child. Returns whether it became ready.
    private func superviseOnce() async -> Bool {
        let child: ChildProcess
        do {
            child = try await ChildProcess.start(command(), line: line)
        } catch {
            emit(.cannotStart(reason: "\(error)"))
            return false
        }
        state.withLock { $0.child = child }
        emit(.started(processIdentifier: child.processIdentifier))
        let becameReady = await waitUntilReady(child)
        if becameReady {
            state.withLock { $0.isReady = true }
            emit(.ready(processIdentifier: child.processIdentifier))
        } else if child.exit == nil, !Task.isCancelled {
            emit(.notReady(processIdentifier: child.processIdentifier, within: policy.readyWithin))
            await child.terminate(grace: policy.stopGrace)
        }
        var exit = await child.wait()
        if exit == nil { exit = await child.terminate(grace: policy.stopGrace) }
        state.withLock { state in
            state.child = nil
            state.isReady = false
        }
        if let exit { emit(.exited(processIdentifier: child.processIdentifier, exit)) }
        return becameReady
    }

    /// True once the check passes; false when the time is over, the child has ended or the task is cancelled.
    private func waitUntilReady(_ child: ChildProcess) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [self] in
                while !Task.isCancelled {
                    if await isReady(child.processIdentifier) { return !Task.isCancelled && child.exit == nil }
                    if (try? await clock.sleep(for: policy.readyInterval)) == nil { return false }
                }
                return false
            }
            group.addTask { [self] in
                try? await clock.sleep(for: policy.readyWithin)
                return false
            }
            group.addTask {
                _ = await child.wait()
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
