/// Why a request has no answer, or an answer no end. Each says it in a sentence; URLs are without query and credentials.
package enum OutboundHTTPError: Error, Equatable, Sendable {
    /// Which of `OutboundRequest.Deadlines` passed.
    package enum Deadline: String, Sendable {
        case connect
        case total
        case idle
    }

    /// The request itself cannot be sent.
    case invalidRequest(url: String, reason: String)
    case nameNotResolved(url: String)
    case connectionRefused(url: String)
    case connectionFailed(url: String, reason: String)
    /// The request's address policy does not allow the address that its URL leads to.
    case addressRefused(url: String, address: String)
    case tls(url: String, reason: String)
    case timedOut(url: String, deadline: Deadline, after: Duration)
    /// The other side closed or reset the connection before the answer was complete.
    case connectionLost(url: String, reason: String)
    case malformedResponse(url: String, reason: String)
    case responseTooLarge(url: String, maximumBytes: Int)
    case cancelled(url: String)
    case clientClosed
    case failed(url: String, reason: String)

    /// Whether the same request may succeed later without anybody changing anything.
    package var isRetryable: Bool {
        switch self {
        case .nameNotResolved, .connectionRefused, .connectionFailed, .timedOut, .connectionLost, .failed: true
        case .invalidRequest, .addressRefused, .tls, .malformedResponse, .responseTooLarge, .cancelled, .clientClosed:
            false
        }
    }

    /// Whether nothing of the request can have reached the other side, so that sending it again repeats nothing.
    package var happenedBeforeSending: Bool {
        switch self {
        case .invalidRequest, .nameNotResolved, .connectionRefused, .connectionFailed, .addressRefused, .clientClosed,
            .timedOut(_, .connect, _):
            true
        default: false
        }
    }
}

extension OutboundHTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidRequest(let url, let reason): "the request to \(url) cannot be sent: \(reason)"
        case .nameNotResolved(let url): "the host name of \(url) has no address; check its spelling and the resolver"
        case .connectionRefused(let url): "\(url) refuses connections; its server does not seem to run"
        case .connectionFailed(let url, let reason): "no connection to \(url): \(reason)"
        case .addressRefused(let url, let address):
            "\(url) leads to the address \(address), which may not be contacted from here; "
                + "allow it in the configuration if this is meant"
        case .tls(let url, let reason): "no secure connection to \(url): \(reason)"
        case .timedOut(let url, .connect, let after): "no connection to \(url) within \(after)"
        case .timedOut(let url, .total, let after): "\(url) did not answer completely within \(after)"
        case .timedOut(let url, .idle, let after): "\(url) sent nothing for \(after)"
        case .connectionLost(let url, let reason): "the connection to \(url) was lost: \(reason)"
        case .malformedResponse(let url, let reason): "\(url) did not answer in HTTP: \(reason)"
        case .responseTooLarge(let url, let maximumBytes):
            "the answer of \(url) is larger than \(maximumBytes) bytes"
        case .cancelled(let url): "the request to \(url) was cancelled"
        case .clientClosed: "the HTTP client has been closed"
        case .failed(let url, let reason): "the request to \(url) failed: \(reason)"
        }
    }
}
