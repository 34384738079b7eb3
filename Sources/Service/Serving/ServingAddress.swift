package import OutboundHTTP

/// Where a server that speaks the serving contract listens.
package enum ServingAddress: Equatable, Sendable {
    /// `http://host:port` or `https://…`, without a path at the end.
    case url(String)
    case unix(path: String)

    /// Reads `http://…`, `https://…` or `unix:/path`.
    package init(_ text: String) {
        if text.hasPrefix("unix:") {
            self = .unix(path: String(text.dropFirst(5)))
        } else {
            self = .url(text.hasSuffix("/") ? String(text.dropLast()) : text)
        }
    }

    /// A request to a path of the server.
    package func request(
        method: String, path: String, headers: HeaderFields = HeaderFields(), body: [UInt8] = [],
        deadlines: OutboundRequest.Deadlines, maximumResponseBytes: Int? = nil
    ) -> OutboundRequest {
        switch self {
        case .url(let url):
            OutboundRequest(
                method: method, url: url + path, headers: headers, body: body, deadlines: deadlines,
                maximumResponseBytes: maximumResponseBytes)
        case .unix(let socket):
            OutboundRequest(
                method: method, url: "http://engine" + path, unixSocketPath: socket, headers: headers, body: body,
                deadlines: deadlines, maximumResponseBytes: maximumResponseBytes)
        }
    }
}
