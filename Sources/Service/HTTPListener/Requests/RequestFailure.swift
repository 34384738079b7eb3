/// Why the rest of a request will not come.
enum RequestFailure: Error, Sendable {
    /// The client closed the connection, or it broke.
    case clientLeft
    /// The request breaks the protocol or a limit: it is answered with the problem, then the connection closes.
    case refused(Problem)
}
