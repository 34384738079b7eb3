/// An address that a listener accepts connections at, as the kernel reports it.
package enum BoundAddress: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The port of a TCP address.
    package var port: Int? {
        if case .tcp(_, let port) = self { port } else { nil }
    }
}
