import Locking
package import Logging
package import OutboundHTTP
import ServiceLifecycle
import Store
import Values

/// Delivers the outbox's events to the endpoints of the configuration, signed, at least once each.
///
/// 1. Events that were committed with a state change are distributed once: one pending delivery for each endpoint that
///    wants their type.
/// 2. Every endpoint has a worker of its own with few attempts at once, so that a slow or dead receiver delays nobody else.
/// 3. An attempt is marked after its answer. A crash between the two repeats it under the same `webhook-id`.
/// 4. 2xx is success. Everything else is tried again on the schedule, at the earliest when `Retry-After` says; after the
///    last attempt the delivery is a dead letter that an operator may resend. 410 disables the endpoint.
package final class WebhookDispatcher: Service {
    /// Attempts under way at once to one endpoint.
    static let maximumInFlight = 2
    /// Pause after the store has failed.
    static let storePauseSeconds = 5.0

    let outbox: any WebhookOutbox
    let sender: WebhookSender
    let schedule: WebhookSchedule
    let clock: any DeliveryClock
    let randomFraction: @Sendable () -> Double
    let logger: Logger
    private let makeIdentifier: @Sendable () -> String
    private let configuration: Locked<Configuration>
    private let distributor = WakeSignal()

    private struct Configuration {
        var endpoints: [String: WebhookEndpoint]
        var workers: [String: WakeSignal] = [:]
    }

    /// - Parameters:
    ///   - randomFraction: uniform in 0 ..< 1, for the jitter.
    ///   - makeIdentifier: a fresh `webhook-id` for a test delivery.
    package init(
        endpoints: [WebhookEndpoint], outbox: any WebhookOutbox, client: HTTPClient,
        schedule: WebhookSchedule = WebhookSchedule(), clock: any DeliveryClock,
        randomFraction: @escaping @Sendable () -> Double, makeIdentifier: @escaping @Sendable () -> String,
        logger: Logger
    ) {
        self.outbox = outbox
        sender = WebhookSender(client: client)
        self.schedule = schedule
        self.clock = clock
        self.randomFraction = randomFraction
        self.makeIdentifier = makeIdentifier
        self.logger = logger
        configuration = Locked(Configuration(endpoints: Self.byName(endpoints)))
    }

    /// Works until the task is cancelled or the service group shuts down; attempts under way are broken off then, and
    /// repeated after the next start.
    package func run() async throws {
        // Before the first look at the outbox: what is put there after it has to be told.
        let changes = outbox.outboxChanges()
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { [self] in
                    for await _ in changes { distributor.set() }
                }
                while !Task.isCancelled {
                    for (endpoint, signal) in newWorkers() {
                        group.addTask { [self] in await work(endpoint: endpoint, signal: signal) }
                    }
                    await distribute()
                    wakeWorkers()
                    await distributor.wait()
                }
                group.cancelAll()
            }
        }
    }

    /// Replaces the endpoints, as after a reload of the configuration. What is pending to an endpoint that has gone waits
    /// until one of its name comes back.
    package func reconfigure(endpoints: [WebhookEndpoint]) {
        configuration.withLock { $0.endpoints = Self.byName(endpoints) }
        distributor.set()
    }

    /// Sends one signed `webhook.test` event now, past the outbox, also to a disabled endpoint.
    package func test(endpoint name: String) async throws(WebhookError) -> WebhookAttempt {
        guard let endpoint = endpoint(name) else { throw .unknownEndpoint(name: name) }
        let now = clock.now()
        var data = JSONObject()
        data["summary"] = .string("A test of the webhook '\(name)', asked for by an operator.")
        var body = JSONObject()
        body["type"] = .string("webhook.test")
        body["timestamp"] = .string(now.description)
        body["data"] = .object(data)
        return await sender.send(
            identifier: makeIdentifier(), payload: JSONValue.object(body).serialized, to: endpoint, now: now)
    }

    /// Puts the deliveries of an event (to one endpoint, or all) back in the queue, due now, under the same `webhook-id`
    /// and with all attempts ahead. Returns the endpoints.
    @discardableResult
    package func resend(event identifier: String, endpoint: String? = nil) async throws -> [String] {
        let names = try await outbox.deliveries(event: identifier).map(\.endpoint)
            .filter { endpoint == nil || $0 == endpoint }
        if names.isEmpty { throw WebhookError.unknownEvent(identifier: identifier) }
        let disabled = try await outbox.disabledEndpoints()
        for name in names {
            if self.endpoint(name) == nil { throw WebhookError.unknownEndpoint(name: name) }
            if let reason = disabled.first(where: { $0.endpoint == name })?.reason {
                throw WebhookError.endpointDisabled(name: name, reason: reason)
            }
        }
        for name in names { _ = try await outbox.requeue(event: identifier, endpoint: name, now: clock.now()) }
        wakeWorkers()
        return names
    }

    /// Enables an endpoint again; what is pending goes out.
    package func enable(endpoint name: String) async throws {
        guard endpoint(name) != nil else { throw WebhookError.unknownEndpoint(name: name) }
        try await outbox.enableEndpoint(name)
        wakeWorkers()
    }

    func endpoint(_ name: String) -> WebhookEndpoint? {
        configuration.withLock { $0.endpoints[name] }
    }

    /// Forgets a worker whose endpoint has gone; says so under the lock, so that none is missed or doubled.
    func retire(worker name: String) -> Bool {
        configuration.withLock { configuration in
            guard configuration.endpoints[name] == nil else { return false }
            configuration.workers[name] = nil
            return true
        }
    }

    private static func byName(_ endpoints: [WebhookEndpoint]) -> [String: WebhookEndpoint] {
        Dictionary(endpoints.map { ($0.name, $0) }) { first, _ in first }
    }

    private func newWorkers() -> [(String, WakeSignal)] {
        configuration.withLock { configuration in
            let new = configuration.endpoints.keys.filter { configuration.workers[$0] == nil }.sorted()
                .map { ($0, WakeSignal()) }
            for (name, signal) in new { configuration.workers[name] = signal }
            return new
        }
    }

    private func wakeWorkers() {
        for signal in configuration.withLock({ Array($0.workers.values) }) { signal.set() }
    }

    /// Distributes what is committed; tries again later when the store fails.
    private func distribute() async {
        do {
            while !Task.isCancelled {
                let events = try await outbox.undistributedEvents(limit: 100)
                if events.isEmpty { return }
                let endpoints = configuration.withLock { Array($0.endpoints.values) }
                let distributions = events.map { event in
                    Distribution(
                        event: event.id, endpoints: endpoints.filter { $0.receives(event.type) }.map(\.name).sorted())
                }
                try await outbox.distribute(distributions, now: clock.now())
            }
        } catch {
            if Task.isCancelled { return }
            logger.error("events cannot be distributed to webhooks", metadata: ["error": "\(error)"])
            await clock.sleep(until: clock.now().advanced(bySeconds: Self.storePauseSeconds))
            distributor.set()
        }
    }
}
