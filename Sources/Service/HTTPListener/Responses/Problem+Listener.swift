package import HTTPTypes
import Hummingbird
import NIOCore

/// The problems that the listener itself makes; routes use them as well.
extension Problem {
    package static func badRequest(_ detail: String) -> Problem {
        .init(.badRequest, kind: "bad-request", title: "The request is malformed.", detail: detail)
    }

    package static func notFound(_ detail: String) -> Problem {
        .init(.notFound, kind: "not-found", title: "There is no such thing here.", detail: detail)
    }

    package static func methodNotAllowed(_ method: HTTPRequest.Method, allowed: [String]) -> Problem {
        let list = allowed.sorted().joined(separator: ", ")
        return .init(
            .methodNotAllowed, kind: "method-not-allowed", title: "The resource does not have this method.",
            detail: "\(method.rawValue) is not possible here; use one of: \(list).", headers: [.allow: list])
    }

    package static func requestTimeout(_ detail: String) -> Problem {
        .init(.requestTimeout, kind: "request-timeout", title: "The request came too slowly.", detail: detail)
    }

    package static func contentTooLarge(limitBytes: Int) -> Problem {
        .init(
            .contentTooLarge, kind: "content-too-large", title: "The request body is too large.",
            detail: "The body may have \(limitBytes) bytes here, also after decompression; send less at a time.")
    }

    package static func unsupportedEncoding(_ encoding: String) -> Problem {
        .init(
            .unsupportedMediaType, kind: "unsupported-encoding",
            title: "The request body has an unknown content encoding.",
            detail: "Content-Encoding “\(encoding)” is not known here; send the body as it is, or as gzip.",
            headers: [.acceptEncoding: "gzip"])
    }

    package static func unsupportedMediaType(_ detail: String) -> Problem {
        .init(
            .unsupportedMediaType, kind: "unsupported-media-type", title: "The request body is of the wrong type.",
            detail: detail)
    }

    package static func headersTooLarge(_ limits: ListenerLimits) -> Problem {
        .init(
            .requestHeaderFieldsTooLarge, kind: "headers-too-large", title: "The request's head is too large.",
            detail:
                "A request's line and fields may have \(limits.headerBytes) bytes and \(limits.headerFields) fields.")
    }

    /// `retryAfterSeconds` becomes `Retry-After`.
    package static func unavailable(_ detail: String, kind: String = "unavailable", retryAfterSeconds: Int) -> Problem {
        .init(
            .serviceUnavailable, kind: kind, title: "The service cannot take this request now.", detail: detail,
            headers: [.retryAfter: String(retryAfterSeconds)])
    }

    package static func internalError(identifier: String) -> Problem {
        .init(
            .internalServerError, kind: "internal-error", title: "The service failed.",
            detail: "Something went wrong on our side; the log has it under request \(identifier).")
    }

    /// What a thrown `error` is answered with; `nil` where it is a failure of our own, to be logged and answered
    /// with ``internalError(identifier:)``.
    package init?(describing error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case RequestFailure.refused(let problem): self = problem
        case RequestFailure.clientLeft: self = .badRequest("The connection ended before the request did.")
        case is NIOTooManyBytesError:
            self = .init(
                .contentTooLarge, kind: "content-too-large", title: "The request body is too large.",
                detail: "The body is larger than this route takes; send less at a time.")
        case let error as HTTPError: self = .init(status: error.status, detail: error.body, headers: error.headers)
        case let error as any HTTPResponseError: self = .init(status: error.status, detail: nil, headers: [:])
        case is CancellationError:
            self = .unavailable("The request was given up because the service is stopping.", retryAfterSeconds: 5)
        default: return nil
        }
    }

    /// The problem for a bare status.
    package init(status: HTTPResponse.Status, detail: String?, headers: HTTPFields) {
        switch status {
        case .notFound: self = .notFound(detail ?? "Nothing is found at this path; see /v1/openapi.json for what is.")
        case .badRequest: self = .badRequest(detail ?? "The request cannot be understood.")
        default:
            let phrase = status.reasonPhrase.isEmpty ? "Status \(status.code)" : status.reasonPhrase
            let kind = phrase.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
            self.init(status, kind: String(kind), title: "\(phrase).", detail: detail ?? "\(phrase).")
        }
        self.headers.append(contentsOf: headers)
    }
}
