import API
import HTTPListener
import HTTPTypes
import Values

/// The refusals of callers.
enum AccessProblem {
    static func noToken(_ detail: String) -> ListenerProblem {
        ListenerProblem(
            .unauthorized, kind: "unauthorized", title: "The caller is not known.", detail: detail,
            headers: [.wwwAuthenticate: "Bearer realm=\"retuned\""])
    }

    static func expired(_ name: String, at time: Timestamp) -> ListenerProblem {
        ListenerProblem(
            .unauthorized, kind: "token-expired", title: "The token has expired.",
            detail: "The token \(name) ended at \(time); make a new one with `retunectl tokens create`.",
            headers: [.wwwAuthenticate: "Bearer realm=\"retuned\", error=\"invalid_token\""])
    }

    static func missing(_ scope: Scope, actor: String) -> ListenerProblem {
        ListenerProblem(
            .forbidden, kind: "scope-missing", title: "The caller may not do this.",
            detail:
                "This needs the scope \(scope.rawValue), which \(actor) does not have; make a token that has it with "
                + "`retunectl tokens create --scope \(scope.rawValue)`.")
    }

    static let unixOnly = ListenerProblem(
        .forbidden, kind: "unix-socket-only", title: "The caller may not do this here.",
        detail:
            "Tokens and webhooks are administered over the Unix socket only; use `retunectl` on the daemon's machine."
    )

    static func otherDeployment(_ name: String, record: Int? = nil) -> ListenerProblem {
        ListenerProblem(
            .forbidden, kind: "deployment-forbidden", title: "The token is for another deployment.",
            detail: "The token does not reach the deployment \(name); use one that is made for it, or for all.",
            record: record, field: record == nil ? nil : "deployment")
    }
}
