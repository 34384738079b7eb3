import FeedbackLoop
import Locking
import Logging
import Store
import Testing
import Values

/// Several loops in one service. A test that waits for a loop that has gone would wait for ever.
@Suite("The service of the loops", .timeLimit(.minutes(1)))
struct LoopServiceTests {
    private static func service(
        _ loops: [LoopUnderTest], beat: Duration = .milliseconds(20), onStep: @escaping @Sendable () -> Void = {}
    ) -> LoopService {
        LoopService(
            loops: loops.map(\.loop), beat: beat, now: { [now = loops[0].now] in now }, onStep: onStep,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let pause = OperatorCommand(verb: .pause, actor: "anna", reason: "test")

    @Test("A loop that cannot go on ends the service, and who asks any loop then is told so")
    func failing() async throws {
        let failing = try await LoopUnderTest(candidate: 0.9, units: 30)
        let healthy = try await LoopUnderTest(candidate: 0.9, units: 30)
        let service = Self.service([failing, healthy])
        let running = Task { try await service.run() }
        failing.kills.withLock { $0 = true }
        await #expect(throws: StoreError.self) { try await failing.loop.submit(Self.pause, action: nil) }
        await #expect(throws: StoreError.self) { try await running.value }
        for loop in [failing.loop, healthy.loop] {
            await #expect(throws: StoreError.closed) { try await loop.submit(Self.pause, action: nil) }
            await loop.finishStep()
        }
    }

    @Test("Who waits for a step when the loop ends is told so")
    func ending() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        let command = Task { [loop = test.loop] in try await loop.submit(Self.pause, action: nil) }
        let step = Task { [loop = test.loop] in await loop.finishStep() }
        // Whether they have asked before or ask after it.
        test.loop.end()
        await step.value
        await #expect(throws: StoreError.closed) { try await command.value }
    }

    @Test("The watchdog is fed when every loop has made a step, so that one that hangs is not hidden by the others")
    func watchdog() async throws {
        let loops = [
            try await LoopUnderTest(candidate: 0.9, units: 30), try await LoopUnderTest(candidate: 0.9, units: 30),
        ]
        let fed = Locked(0)
        let service = Self.service(loops, onStep: { fed.withLock { $0 += 1 } })
        func steps(_ count: Int, of test: LoopUnderTest) async throws {
            let (triggers, source) = AsyncStream.makeStream(of: Void.self)
            for _ in 0..<count { source.yield() }
            source.finish()
            try await service.run(test.loop, triggers: triggers)
        }
        try await steps(3, of: loops[0])
        #expect(fed.withLock { $0 } == 0)
        try await steps(1, of: loops[1])
        #expect(fed.withLock { $0 } == 1)
        try await steps(1, of: loops[1])
        #expect(fed.withLock { $0 } == 1)
        try await steps(1, of: loops[0])
        #expect(fed.withLock { $0 } == 2)
    }
}
