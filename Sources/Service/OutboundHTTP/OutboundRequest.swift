/// A request as it goes out: `http` or `https`, or HTTP over a Unix socket.
///
/// Nothing is added to it but `Host`, `Content-Length`, and `User-Agent` where the headers have none. Redirects are never
/// followed and no proxy of the environment is used. A kept connection that turns out to be closed before any byte of an
/// answer is replaced, and the request sent once more on the new one, whatever its method: make requests repeatable.
package struct OutboundRequest: Sendable {
    package var method: String
    /// Absolute: `http://127.0.0.1:8080/v1/models`. With a Unix socket its host only fills the `Host` header.
    package var url: String
    package var unixSocketPath: String?
    package var headers: HeaderFields
    package var body: [UInt8]
    package var deadlines: Deadlines
    /// A body beyond it ends the transfer with `.responseTooLarge`; nil: no limit.
    package var maximumResponseBytes: Int?
    package var addressPolicy: AddressPolicy

    package init(
        method: String = "GET", url: String, unixSocketPath: String? = nil, headers: HeaderFields = [:],
        body: [UInt8] = [], deadlines: Deadlines = Deadlines(), maximumResponseBytes: Int? = nil,
        addressPolicy: AddressPolicy = .any
    ) {
        self.method = method
        self.url = url
        self.unixSocketPath = unixSocketPath
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
        self.maximumResponseBytes = maximumResponseBytes
        self.addressPolicy = addressPolicy
    }

    /// The URL as it may be logged and shown: without user, password, query and fragment; for a Unix socket its name.
    package var redactedURL: String {
        guard let unixSocketPath else { return Self.redacted(url) }
        return "the socket \(unixSocketPath.split(separator: "/").last ?? "")"
    }

    package static func redacted(_ url: String) -> String {
        var text = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = text.firstRange(of: "://") else { return String(text) }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "\\" }
        if let at = authority.lastIndex(of: "@") {
            text.removeSubrange(scheme.upperBound...at)
        }
        return String(text)
    }
}

extension OutboundRequest {
    /// How long a request may take; nil: as long as it likes.
    package struct Deadlines: Sendable, Equatable {
        /// Until the connection stands, name and TLS included.
        package var connect: Duration
        /// Until the last byte of the answer has been taken.
        package var total: Duration?
        /// Between two bytes in either direction; counted in whole seconds, rounded up. A paused reader does not count.
        package var idle: Duration?

        package init(connect: Duration = .seconds(10), total: Duration? = nil, idle: Duration? = nil) {
            self.connect = connect
            self.total = total
            self.idle = idle
        }
    }
}
