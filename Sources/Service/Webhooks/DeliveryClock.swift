package import Values

/// The time of deliveries: a wall clock that can be waited on.
package protocol DeliveryClock: Sendable {
    func now() -> Timestamp
    /// Returns at `time` or when the calling task is cancelled.
    func sleep(until time: Timestamp) async
}
