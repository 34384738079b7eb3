import Locking
import NIOCore

/// All open connections of a listener, and the one place that admits them.
final class ConnectionRegistry: Sendable {
    /// What a connection counts as.
    enum Origin: Hashable {
        case tcp(address: String)
        case unix
    }

    private struct State {
        var open = 0
        var openTCP = 0
        var openPerAddress: [String: Int] = [:]
        var connections: [ObjectIdentifier: Connection] = [:]
        var isShuttingDown = false
        var refusalsUnderWay = 0
        var onEmpty: (@Sendable () -> Void)?
    }

    private let limit: Int
    private let limitTCP: Int
    private let limitPerAddress: Int?
    private let state = Locked(State())

    /// Most refused connections that are being told why at a time; further ones are just closed.
    private static let refusalLimit = 64

    init(limits: ListenerLimits, hasUnix: Bool, hasTCP: Bool, countsAddresses: Bool) {
        limit = max(1, limits.connections)
        limitTCP = hasUnix && hasTCP ? max(1, limit - limits.connectionsKeptForUnix) : limit
        limitPerAddress = countsAddresses ? limits.connectionsPerAddress : nil
    }

    /// Counts a connection in, or says why not. `release(_:)` takes it back.
    func admit(_ origin: Origin) -> (refusal: ListenerObserver.Refusal?, open: Int) {
        state.withLock { state in
            if state.isShuttingDown { return (.shuttingDown, state.open) }
            if state.open >= limit { return (.full, state.open) }
            if case .tcp(let address) = origin {
                if state.openTCP >= limitTCP { return (.full, state.open) }
                let fromThere = state.openPerAddress[address, default: 0]
                if let limitPerAddress, fromThere >= limitPerAddress { return (.addressFull, state.open) }
                if limitPerAddress != nil { state.openPerAddress[address] = fromThere + 1 }
                state.openTCP += 1
            }
            state.open += 1
            return (nil, state.open)
        }
    }

    /// Counts a closed connection out; returns how many are open now.
    func release(_ origin: Origin) -> Int {
        let (open, onEmpty) = state.withLock { state -> (Int, (@Sendable () -> Void)?) in
            state.open -= 1
            if case .tcp(let address) = origin {
                state.openTCP -= 1
                if let fromThere = state.openPerAddress[address] {
                    state.openPerAddress[address] = fromThere > 1 ? fromThere - 1 : nil
                }
            }
            return (state.open, Self.onEmpty(state))
        }
        onEmpty?()
        return open
    }

    /// Adds an admitted connection. Answers false during shutdown: it must be closed.
    func add(_ connection: Connection) -> Bool {
        state.withLock { state in
            guard !state.isShuttingDown else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            return true
        }
    }

    func remove(_ connection: Connection) {
        let onEmpty = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            return Self.onEmpty(state)
        }
        onEmpty?()
    }

    /// Whether a refused connection may be told why; `refusalEnded()` takes it back.
    func refusalBegan() -> Bool {
        state.withLock { state in
            guard state.refusalsUnderWay < Self.refusalLimit else { return false }
            state.refusalsUnderWay += 1
            return true
        }
    }

    func refusalEnded() {
        state.withLock { $0.refusalsUnderWay -= 1 }
    }

    /// Admits no more, tells all connections to finish, and calls `onEmpty` when the last one is gone.
    func shutDown(onEmpty: @escaping @Sendable () -> Void) {
        let (connections, empty) = state.withLock { state in
            state.isShuttingDown = true
            state.onEmpty = onEmpty
            return (Array(state.connections.values), Self.onEmpty(state) != nil)
        }
        for connection in connections { connection.quiesce() }
        if empty { onEmpty() }
    }

    func abortAll() {
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections { connection.abort() }
    }

    private static func onEmpty(_ state: State) -> (@Sendable () -> Void)? {
        state.isShuttingDown && state.open == 0 && state.connections.isEmpty ? state.onEmpty : nil
    }
}
