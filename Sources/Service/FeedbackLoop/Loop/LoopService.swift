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
    /// Called after each round of steps; feeds the watchdog.
    private let onStep: @Sendable () -> Void
    private let logger: Logger

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
            try await group.waitForAll()
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
            onStep()
        }
    }
}
