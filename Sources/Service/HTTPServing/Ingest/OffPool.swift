import Dispatch

private let queue = DispatchQueue(label: "retuned.ingest", qos: .userInitiated)

/// Runs work that takes a while outside the cooperative pool, one piece after the other.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result { try work() }) }
    }
}
