import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import Logging
import ServiceLifecycle
import Signals
import Values

/// A real listener for the time of a test, on loopback at a port of the kernel's choice unless told otherwise.
struct ListenerUnderTest: Sendable {
    let addresses: [BoundAddress]
    let log: ListenerLog
    let stop: @Sendable () async -> Void

    var port: Int { addresses[0].port ?? -1 }

    /// 2026-11-25T00:00:00Z
    static let now = Timestamp(milliseconds: 1_795_564_800_000)

    /// Runs `body` against a listener with `routes`, then stops it gracefully.
    static func run<Result: Sendable>(
        at addresses: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 0)],
        limits change: (inout ListenerLimits) -> Void = { _ in }, trustsForwardedFor: Bool = false,
        routes define: (Routes) -> Void = { _ in },
        _ body: @escaping @Sendable (ListenerUnderTest) async throws -> Result
    ) async throws -> Result {
        var limits = ListenerLimits()
        limits.shutdownGrace = .seconds(5)
        change(&limits)
        let routes = Routes()
        routes.get("hello") { _, _ in Response.text("hello") }
        routes.post("echo") { _, context in
            Response.json(Array(try await context.collectBody().readableBytesView))
        }
        routes.get("fail") { _, _ -> Response in throw SomeError() }
        routes.get("peer") { _, context in Response.text("\(context.peer)") }
        define(routes)
        let log = ListenerLog()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (running, announce) = AsyncStream.makeStream(of: [BoundAddress].self)
        let listener = HTTPListener(
            configuration: ListenerConfiguration(
                addresses: addresses, limits: limits, trustsForwardedFor: trustsForwardedFor),
            responder: routes.buildResponder(), observer: log.observer, logger: logger, now: { now },
            onRunning: { addresses in
                announce.yield(addresses)
                announce.finish()
            })
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: listener, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { announce.finish() }
                try await group.run()
            }
            var addresses: [BoundAddress]?
            for await bound in running { addresses = bound }
            guard let addresses else {
                try await tasks.waitForAll()
                throw SomeError()
            }
            let test = ListenerUnderTest(
                addresses: addresses, log: log, stop: { await group.triggerGracefulShutdown() })
            do {
                let result = try await body(test)
                await test.stop()
                try await tasks.waitForAll()
                return result
            } catch {
                await test.stop()
                throw error
            }
        }
    }
}

struct SomeError: Error {}

/// What a listener told its observer.
final class ListenerLog: Sendable {
    struct State {
        var finished: [ListenerObserver.FinishedRequest] = []
        var refusals: [ListenerObserver.Refusal] = []
        var cuts: [ListenerObserver.Cut] = []
        var open = 0
        var mostOpen = 0
    }

    private let state = Locked(State())

    var observer: ListenerObserver {
        ListenerObserver(
            requestFinished: { [self] request in change { $0.finished.append(request) } },
            connectionsChanged: { [self] open in
                change { state in
                    state.open = open
                    state.mostOpen = max(state.mostOpen, open)
                }
            },
            connectionRefused: { [self] refusal in change { $0.refusals.append(refusal) } },
            connectionCut: { [self] cut in change { $0.cuts.append(cut) } })
    }

    var now: State { state.withLock { $0 } }

    private func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// Suspends until the log meets `condition`.
    func wait(until condition: (State) -> Bool) async throws {
        try await patiently("what the listener tells") { condition(now) }
    }
}
