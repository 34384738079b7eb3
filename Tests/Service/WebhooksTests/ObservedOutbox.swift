import Glibc
import Locking
import Store
import Values
import Webhooks

/// The real store, and a word on everything that is marked in it.
struct ObservedOutbox: WebhookOutbox {
    enum Mark: Equatable, Sendable {
        case delivered(event: String, endpoint: String)
        case failed(event: String, endpoint: String, error: String, next: Timestamp?)
        case disabled(endpoint: String)
    }

    let store: DurableStore
    let marks: AsyncStream<Mark>
    private let marked: AsyncStream<Mark>.Continuation
    /// Carried out once, after the outbox was read and before what it held is answered.
    let afterReading = Locked<(@Sendable () async throws -> Void)?>(nil)

    init(store: DurableStore) {
        self.store = store
        (marks, marked) = AsyncStream.makeStream(of: Mark.self)
    }

    /// Takes its time where something is to happen after the first look: whoever looks meanwhile has looked too early.
    func outboxChanges() -> AsyncStream<Void> {
        if afterReading.withLock({ $0 != nil }) { usleep(200_000) }
        return store.outboxChanges()
    }
    func undistributedEvents(limit: Int) async throws -> [OutboxEvent] {
        let events = try await store.undistributedEvents(limit: limit)
        if let action = afterReading.withLock({ $0.take() }) { try await action() }
        return events
    }
    func distribute(_ distributions: [Distribution], now: Timestamp) async throws {
        try await store.distribute(distributions, now: now)
    }
    func dueDeliveries(endpoint: String, now: Timestamp, limit: Int) async throws -> [DeliveryRecord] {
        try await store.dueDeliveries(endpoint: endpoint, now: now, limit: limit)
    }
    func nextDelivery(endpoint: String) async throws -> Timestamp? { try await store.nextDelivery(endpoint: endpoint) }
    func markDelivered(event: String, endpoint: String, at time: Timestamp) async throws {
        try await store.markDelivered(event: event, endpoint: endpoint, at: time)
        marked.yield(.delivered(event: event, endpoint: endpoint))
    }
    func markFailed(
        event: String, endpoint: String, at time: Timestamp, error: String, nextAttempt: Timestamp?
    ) async throws {
        try await store.markFailed(event: event, endpoint: endpoint, at: time, error: error, nextAttempt: nextAttempt)
        marked.yield(.failed(event: event, endpoint: endpoint, error: error, next: nextAttempt))
    }
    func requeue(event: String, endpoint: String, now: Timestamp) async throws -> Bool {
        try await store.requeue(event: event, endpoint: endpoint, now: now)
    }
    func deliveries(event: String) async throws -> [DeliveryRecord] { try await store.deliveries(event: event) }
    func disableEndpoint(_ endpoint: String, reason: String, at time: Timestamp) async throws {
        try await store.disableEndpoint(endpoint, reason: reason, at: time)
        marked.yield(.disabled(endpoint: endpoint))
    }
    func enableEndpoint(_ endpoint: String) async throws { try await store.enableEndpoint(endpoint) }
    func disabledEndpoints() async throws -> [DisabledEndpoint] { try await store.disabledEndpoints() }
}
