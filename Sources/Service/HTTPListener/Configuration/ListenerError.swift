/// Why a listener could not start.
package enum ListenerError: Error, Sendable, CustomStringConvertible {
    /// `address` could not be bound, for the reason given.
    case bind(ListenAddress, reason: String)
    /// What the service manager announced cannot be used.
    case inheritedSockets(String)
    /// The configuration names no address.
    case noAddress

    package var description: String {
        switch self {
        case .bind(let address, let reason): "cannot listen at \(address): \(reason)"
        case .inheritedSockets(let reason):
            "the sockets passed by the service manager cannot be used: \(reason); check the socket unit"
        case .noAddress: "no address to listen at is configured"
        }
    }
}
