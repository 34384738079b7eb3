package import Hummingbird
import Locking
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import Values

/// Our listener: one service that accepts HTTP/1.1 at TCP, Unix and inherited sockets.
///
/// 1. All addresses are bound before any connection is served. One registry counts connections over all of them, so
///    the cap is exact: the surplus is told 503 and closed.
/// 2. Each connection has a handler on the event loop, which reads only when there is room, keeps the deadlines
///    (``ListenerLimits``) and writes; and a task, which answers one request after the other by the responder.
/// 3. At graceful shutdown the sockets close first. Idle connections close at once, requests in flight are answered
///    with `Connection: close`, and what is not done after the grace (an endless stream) is cut and cancelled.
package struct HTTPListener: Service {
    private let configuration: ListenerConfiguration
    private let responder: any HTTPResponder<ListenerContext>
    private let observer: ListenerObserver
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let onRunning: @Sendable ([BoundAddress]) async -> Void

    /// - Parameters:
    ///   - responder: usually ``Routes/buildResponder()``.
    ///   - now: the time, for the `Date` field.
    ///   - onRunning: called once with the bound addresses, in the configuration's order, when connections are
    ///     accepted.
    package init(
        configuration: ListenerConfiguration, responder: some HTTPResponder<ListenerContext>,
        observer: ListenerObserver = .init(), logger: Logger, now: @escaping @Sendable () -> Timestamp,
        onRunning: @escaping @Sendable ([BoundAddress]) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.responder = responder
        self.observer = observer
        self.logger = logger
        self.now = now
        self.onRunning = onRunning
    }

    private enum Event: Sendable {
        case accepted(Connection)
        /// The grace is over.
        case abort
    }

    /// Listens until a graceful shutdown or cancellation. Throws ``ListenerError`` where an address cannot be bound.
    package func run() async throws {
        guard !configuration.addresses.isEmpty else { throw ListenerError.noAddress }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        let result: Result<Void, any Error>
        do {
            result = .success(try await run(on: group))
        } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws {
        let (events, sink) = AsyncStream.makeStream(of: Event.self)
        let sockets = try ListeningSockets.opened(at: configuration.addresses)
        defer { for socket in sockets { socket.removeFile() } }
        let limits = configuration.limits
        let registry = ConnectionRegistry(
            limits: limits, hasUnix: sockets.contains { $0.isUnix }, hasTCP: sockets.contains { !$0.isUnix },
            countsAddresses: !configuration.trustsForwardedFor)
        let service = ConnectionService(
            configuration: configuration, responder: responder, observer: observer, logger: logger,
            date: DateField(now: now))
        let acceptor = Acceptor(
            registry: registry, limits: limits, observer: observer,
            refusalFields: { [date = service.date] in
                "date: \(date.value)\r\nserver: \(configuration.serverName)\r\n"
            },
            accepted: { connection in
                if case .terminated = sink.yield(.accepted(connection)) { connection.abort() }
            })
        let servers = try await acceptor.listen(on: sockets, group: group)
        let loop = group.next()
        let close: @Sendable () -> Void = {
            for server in servers { server.close(promise: nil) }
            registry.shutDown { sink.finish() }
            loop.scheduleTask(in: TimeAmount(limits.shutdownGrace)) {
                sink.yield(.abort)
                sink.finish()
            }
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await onRunning(servers.compactMap { $0.localAddress.flatMap(BoundAddress.init) })
                await withDiscardingTaskGroup { tasks in
                    for await event in events {
                        switch event {
                        case .accepted(let connection):
                            tasks.addTask {
                                await service.serve(connection)
                                registry.remove(connection)
                            }
                        case .abort:
                            registry.abortAll()
                            tasks.cancelAll()
                        }
                    }
                }
            } onGracefulShutdown: {
                close()
            }
        } onCancel: {
            for server in servers { server.close(promise: nil) }
            registry.shutDown {}
            registry.abortAll()
            sink.finish()
        }
        for server in servers { try? await server.closeFuture.get() }
    }
}
