/// What a client may take of a listener: connections, time, bytes.
///
/// The defaults suit a daemon of 60 MB behind a proxy or on loopback. Every deadline counts only time spent waiting
/// for the client: a slow handler never cuts a connection off.
package struct ListenerLimits: Sendable, Hashable {
    /// Most connections open at once, over all addresses of the listener. Further ones are answered 503 and closed.
    package var connections = 512
    /// How many of `connections` are kept for Unix sockets, so that operators get in while TCP is full. None where the
    /// listener has only addresses of one kind.
    package var connectionsKeptForUnix = 16
    /// Most connections from one remote IP address; `nil`: as many as there are. It does not apply where forwarded
    /// addresses are trusted, because there all connections come from the proxy.
    package var connectionsPerAddress: Int?
    /// From the first byte of a request, or from the connection's beginning for its first one, to the end of its head.
    package var headerDeadline: Duration = .seconds(10)
    /// Longest time spent waiting for the bytes of a request's body, in all.
    package var bodyDeadline: Duration = .seconds(60)
    /// Once `bodyGrace` has been spent waiting for a body, it must have come at this rate on average.
    package var bodyBytesPerSecond = 1024
    package var bodyGrace: Duration = .seconds(5)
    /// Longest time without the client taking any of what was written to it (pieces of at most 64 KiB).
    package var writeDeadline: Duration = .seconds(30)
    /// Longest time a kept-alive connection may lie between two requests.
    package var idleTimeout: Duration = .seconds(75)
    /// How long what a client still sends is read away after it was answered and told that the connection closes.
    /// Closing at once would reset the connection, and the answer might be lost.
    package var lingering: Duration = .seconds(2)
    /// Most bytes of a request's line and fields together.
    package var headerBytes = 32 * 1024
    /// Most fields of a request.
    package var headerFields = 100
    /// Most bytes of a request's body where a route does not set its own limit, both as sent and after decompression.
    package var bodyBytes = 8 * 1024 * 1024
    /// How long requests in flight may go on after a graceful shutdown has begun.
    package var shutdownGrace: Duration = .seconds(8)

    package init() {}
}
