import Locking

/// Off until it is set.
final class Switch: Sendable {
    private let state = Locked(false)

    var isOn: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
