import Locking

/// Something a test waits for.
package final class Signal: Sendable {
    private let state = Locked(false)

    package init() {}

    package func set() { state.withLock { $0 = true } }

    package var isSet: Bool { state.withLock { $0 } }

    package func wait() async throws {
        try await patiently("a signal") { isSet }
    }
}
