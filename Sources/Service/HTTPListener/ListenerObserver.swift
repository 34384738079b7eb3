package import HTTPTypes

/// What a listener tells about itself, for metrics and logs. The closures are called on the listener's threads, often
/// and maybe at once: they must be quick.
package struct ListenerObserver: Sendable {
    /// One answered (or cut) request.
    package struct FinishedRequest: Sendable {
        package var identifier: String
        package var peer: Peer
        package var method: HTTPRequest.Method
        /// The route's pattern (`/v1/deployments/{d}`), `nil` where none matched.
        package var route: String?
        /// Status sent; `nil` where the connection was cut before one could be.
        package var status: Int?
        /// Whether the answer was sent to its end.
        package var isComplete: Bool
        /// From the head's arrival to the answer's last byte.
        package var seconds: Double
        /// Bytes on the wire since the connection's previous answer.
        package var bytesReceived: Int
        package var bytesSent: Int
    }

    /// Why a connection was refused.
    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        case full
        case addressFull
        case shuttingDown
    }

    /// Why a connection was cut.
    package enum Cut: String, Sendable, Hashable, CaseIterable {
        case idle
        case header
        case body
        case write
        case lingering
    }

    package var requestFinished: @Sendable (FinishedRequest) -> Void
    /// The number of connections open now.
    package var connectionsChanged: @Sendable (Int) -> Void
    package var connectionRefused: @Sendable (Refusal) -> Void
    package var connectionCut: @Sendable (Cut) -> Void

    package init(
        requestFinished: @escaping @Sendable (FinishedRequest) -> Void = { _ in },
        connectionsChanged: @escaping @Sendable (Int) -> Void = { _ in },
        connectionRefused: @escaping @Sendable (Refusal) -> Void = { _ in },
        connectionCut: @escaping @Sendable (Cut) -> Void = { _ in }
    ) {
        self.requestFinished = requestFinished
        self.connectionsChanged = connectionsChanged
        self.connectionRefused = connectionRefused
        self.connectionCut = connectionCut
    }
}
