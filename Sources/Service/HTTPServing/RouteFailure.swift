import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Traffic

/// Writes a refusal in the form that the route's callers read.
enum RouteFailure {
    static func response(to problem: ListenerProblem, of route: Route) throws -> Response {
        if route.failure == ModelError.self {
            let type = problem.status.code < 500 ? "invalid_request_error" : "server_error"
            return try .object(
                ModelError(error: ModelErrorDetail(message: problem.detail, type: type, code: problem.kind)),
                status: problem.status, headers: problem.headers)
        }
        if route.failure == OFREPFailure.self {
            return try .object(
                OFREPFailure(errorCode: .general, errorDetails: problem.detail), status: problem.status,
                headers: problem.headers)
        }
        return problem.response
    }
}

extension ListenerProblem {
    /// What a handler threw, where it is a refusal and no failure of ours.
    init?(failure error: any Error) {
        switch error {
        case let error as TrafficError: self.init(error)
        case StoreError.full: self = .logFull
        case let error as StoreError where error == .closed:
            self = .unavailable("The daemon is stopping; send this again in a moment.", retryAfterSeconds: 5)
        case let error as StoreError where error.isFatal:
            self = .unavailable("\(error)", kind: "store-failed", retryAfterSeconds: 30)
        default: self.init(describing: error)
        }
    }

    /// What a record or a body is refused for.
    init(_ error: TrafficError) {
        self.init(
            .init(code: error.status), kind: error.kind.rawValue, title: error.title, detail: error.detail,
            record: error.record, field: error.field)
    }

    static let logFull = unavailable(
        "\(StoreError.full) Send this again later: nothing of it was kept.", kind: "log-full", retryAfterSeconds: 30)
}
