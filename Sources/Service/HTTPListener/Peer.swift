/// Who made a request.
package enum Peer: Sendable, Hashable, CustomStringConvertible {
    /// The client's IP address: the connection's, or the one a trusted proxy reported.
    case tcp(address: String)
    /// The process at the other end of a Unix socket, as the kernel recorded it when it connected.
    case unix(process: Int32, user: UInt32, group: UInt32)

    package var description: String {
        switch self {
        case .tcp(let address): address
        case .unix(let process, let user, let group): "unix:process=\(process),user=\(user),group=\(group)"
        }
    }
}
