import Values

/// `run`'s end of the player's pipes.
actor PlayerLink {
    private let child: ChildCommand
    private var waiting: [String: CheckedContinuation<JSONValue, any Error>] = [:]
    private var early: [String: JSONValue] = [:]
    private var failure: String?
    private let onEvent: @Sendable (JSONValue) -> Void

    init(child: ChildCommand, onEvent: @escaping @Sendable (JSONValue) -> Void) {
        self.child = child
        self.onEvent = onEvent
    }

    /// Reads until the player ends.
    func read() async {
        for await line in child.lines {
            guard let value = try? JSONValue(parsing: Array(line.utf8)), let event = value["event"]?.stringValue
            else { continue }
            if event == "failed" {
                fail("the player: \(value["reason"]?.stringValue ?? "failed")")
            } else if let waiter = waiting.removeValue(forKey: event) {
                waiter.resume(returning: value)
            } else {
                early[event] = value
            }
            onEvent(value)
        }
        fail("the player ended: \(child.logTail)")
    }

    private func fail(_ reason: String) {
        failure = reason
        for waiter in waiting.values { waiter.resume(throwing: DemoFailure(reason)) }
        waiting = [:]
    }

    func order(_ order: JSONValue) {
        child.write(order.text)
    }

    /// Gives an order and waits for the event that answers it.
    func order(_ order: JSONValue, answeredBy event: String) async throws -> JSONValue {
        early[event] = nil
        child.write(order.text)
        return try await event == "" ? .null : wait(for: event)
    }

    func wait(for event: String) async throws -> JSONValue {
        if let value = early.removeValue(forKey: event) { return value }
        if let failure { throw DemoFailure(failure) }
        return try await withCheckedThrowingContinuation { waiting[event] = $0 }
    }
}

extension JSONValue {
    var text: String { String(decoding: serialized, as: UTF8.self) }
}
