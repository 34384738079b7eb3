import Locking
package import Logging
import ServiceLifecycle
import Store
package import Values

/// Runs the loops of all deployments: a step when the log changes, when somebody asks, and at a steady beat.
package struct LoopService: Service {
    private let loops: [DeploymentLoop]
    private let now: @Sendable () -> Timestamp
    private let beat: Duration
    /// Called when every loop has made a step since the last call; feeds the watchdog, which so sees one that hangs.
    private let onStep: @Sendable () -> Void
    private let logger: Logger
    /// The loops that have made a step since the last call of `onStep`.
    private let stepped = Locked<Set<ObjectIdentifier>>([])

    /// - Parameters:
    ///   - beat: longest time between two steps.
    ///   - now: the wall clock.
    package init(
        loops: [DeploymentLoop], beat: Duration, now: @escaping @Sendable () -> Timestamp,
        onStep: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.loops = loops
        self.beat = beat
        self.now = now
        self.onStep = onStep
        self.logger = logger
    }

    package func run() async throws {
        // Without deployments there is nothing to do, but the daemon takes tokens and answers health checks all the same,
        // and the watchdog wants to be fed.
        guard !loops.isEmpty else {
            try? await cancelWhenGracefulShutdown { [onStep, beat] () async throws -> Void in
                while true {
                    onStep()
                    try await Task.sleep(for: beat)
                }
            }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in loops {
                group.addTask { try await run(loop) }
            }
            // The first that fails ends the others: nobody is left waiting for a loop that has gone.
            for try await _ in group {}
        }
    }

    private func run(_ loop: DeploymentLoop) async throws {
        let (wakes, source) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        loop.wake.withLock { $0 = { source.yield() } }
        let clock = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: beat)
                source.yield()
            }
        }
        defer {
            clock.cancel()
            loop.stopAsking()
            loop.stopAskingDifficulty()
            loop.giveUpRound()
            loop.end()
        }
        source.yield()
        try await withGracefulShutdownHandler {
            try await run(loop, triggers: wakes)
        } onGracefulShutdown: {
            source.finish()
        }
    }

    /// A step for each trigger; ends with the stream.
    package func run(_ loop: DeploymentLoop, triggers: AsyncStream<Void>) async throws {
        for await _ in triggers {
            do {
                try await loop.step(at: now())
            } catch let fault as StoreError where fault == .full {
                logger.warning("\(fault)", metadata: ["deployment": "\(loop.name)"])
            }
            noteStep(of: loop)
        }
    }

    private func noteStep(of loop: DeploymentLoop) {
        let isRound = stepped.withLock { stepped in
            stepped.insert(ObjectIdentifier(loop))
            guard stepped.count == loops.count else { return false }
            stepped = []
            return true
        }
        if isRound { onStep() }
    }
}
