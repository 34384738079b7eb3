import NIOCore

extension BoundAddress {
    init?(_ address: SocketAddress) {
        switch address {
        case .unixDomainSocket: self = .unix(path: address.pathname ?? "")
        default:
            guard let host = address.ipAddress, let port = address.port else { return nil }
            self = .tcp(host: host, port: port)
        }
    }
}
