/// Where a listener accepts connections.
package enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A TCP address. `host` is a name or an IP address; port 0 asks the kernel for a free one.
    case tcp(host: String, port: Int)
    /// A Unix socket. A stale socket file at `path` is removed, a live one is an error; the file gets `mode` before
    /// the first connection can be made and is removed at shutdown.
    case unix(path: String, mode: UInt16)
    /// A listening stream socket that this process was started with (see ``InheritedSocket``).
    case inherited(descriptor: Int32)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, _): "unix:\(path)"
        case .inherited(let descriptor): "descriptor \(descriptor)"
        }
    }
}
