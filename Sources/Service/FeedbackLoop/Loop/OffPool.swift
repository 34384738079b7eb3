import Dispatch

private let queue = DispatchQueue(label: "retuned.loop.work", qos: .utility)

/// Runs work that takes a while outside the cooperative pool, so that requests are answered meanwhile.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: work()) }
    }
}

/// The same for work that may fail.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result { try work() }) }
    }
}
