package import Store
package import Values

/// The part of the store that deliveries live in; a seam for tests that need a failing store.
package protocol WebhookOutbox: Sendable {
    /// An element after each commit that changed the outbox.
    func outboxChanges() -> AsyncStream<Void>
    func undistributedEvents(limit: Int) async throws -> [OutboxEvent]
    func distribute(_ distributions: [Distribution], now: Timestamp) async throws
    func dueDeliveries(endpoint: String, now: Timestamp, limit: Int) async throws -> [DeliveryRecord]
    func nextDelivery(endpoint: String) async throws -> Timestamp?
    func markDelivered(event: String, endpoint: String, at time: Timestamp) async throws
    func markFailed(
        event: String, endpoint: String, at time: Timestamp, error: String, nextAttempt: Timestamp?) async throws
    func requeue(event: String, endpoint: String, now: Timestamp) async throws -> Bool
    func deliveries(event: String) async throws -> [DeliveryRecord]
    func disableEndpoint(_ endpoint: String, reason: String, at time: Timestamp) async throws
    func enableEndpoint(_ endpoint: String) async throws
    func disabledEndpoints() async throws -> [DisabledEndpoint]
}

extension DurableStore: WebhookOutbox {
    package func outboxChanges() -> AsyncStream<Void> { changes(of: .outbox) }
}
