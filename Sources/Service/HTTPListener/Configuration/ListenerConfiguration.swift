/// How an ``HTTPListener`` listens.
package struct ListenerConfiguration: Sendable, Hashable {
    package var addresses: [ListenAddress]
    package var limits: ListenerLimits
    /// Whether TCP peers are proxies of ours: the client's address is then the last entry of `X-Forwarded-For`, the
    /// one that the nearest proxy wrote. Earlier entries are the client's own words and are never used.
    package var trustsForwardedFor: Bool
    /// Value of the `Server` field.
    package var serverName: String
    /// Threads for input and output. One carries tens of thousands of requests a second.
    package var threads: Int
    /// Put before the running number in request ids, to tell processes and restarts apart.
    package var requestIdentifierPrefix: String

    package init(
        addresses: [ListenAddress], limits: ListenerLimits = .init(), trustsForwardedFor: Bool = false,
        serverName: String = "retuned", threads: Int = 1, requestIdentifierPrefix: String = ""
    ) {
        self.addresses = addresses
        self.limits = limits
        self.trustsForwardedFor = trustsForwardedFor
        self.serverName = serverName
        self.threads = threads
        self.requestIdentifierPrefix = requestIdentifierPrefix
    }
}
