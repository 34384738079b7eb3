import API
import HTTPListener
import Hummingbird
import Logging
import Store
import Values

extension DaemonRoutes {
    func listTokens(_ call: Call) async throws -> Response {
        try .object(
            TokenList(tokens: try await context.store.tokens().filter { $0.revoked == nil }.map(view)))
    }

    /// Makes a token. Its text is in this answer and nowhere else.
    func makeToken(_ call: Call) async throws -> Response {
        let request = try await call.object(TokenRequest.self)
        func refuse(_ field: String, _ detail: String) -> ListenerProblem {
            ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.", detail: detail,
                field: field)
        }
        guard !request.name.isEmpty, request.name.utf8.count <= 100 else {
            throw refuse("name", "name must have 1 to 100 bytes; it tells people what the token is for.")
        }
        guard !request.name.holdsInvisible else {
            throw refuse("name", "name holds a line break or another control character; use printable ones.")
        }
        guard !request.scopes.isEmpty else {
            throw refuse("scopes", "scopes is empty; name at least one of ingest, assign, read, judge, operate, erase.")
        }
        guard !request.scopes.contains(.admin) else {
            throw refuse("scopes", "admin is for the Unix socket only and cannot be given to a token.")
        }
        if let expires = request.expires, expires <= context.now() {
            throw refuse("expires", "expires is \(expires), which is over; name a time to come, or leave it out.")
        }
        if let name = request.deployment, deployments[name] == nil {
            throw ListenerProblem(
                .notFound, kind: "deployment-unknown", title: "The deployment is not known.",
                detail: "No deployment is named \(name).", field: "deployment")
        }
        let id = hexadecimal(context.randomBytes(8))
        let text = BearerToken.text(id: id, secret: context.randomBytes(32))
        let record = TokenRecord(
            id: id, name: request.name, hash: BearerToken.hash(text),
            scopes: Set(request.scopes.map(\.rawValue)).sorted(), deployment: request.deployment,
            created: context.now(), expires: request.expires)
        try await context.store.insert(token: record)
        context.logger.info(
            "A token was made", metadata: ["id": "\(id)", "name": "\(request.name)", "actor": "\(call.caller.actor)"])
        return try .object(
            TokenCreated(token: text, view: view(record)), status: .created, headers: [.cacheControl: "no-store"])
    }

    func revokeToken(_ call: Call) async throws -> Response {
        let id = try call.parameter("token")
        guard let record = try await context.store.token(id: id) else {
            throw ListenerProblem.notFound("No token has the id \(id); GET /v1/tokens lists them.")
        }
        _ = try await context.store.revokeToken(id: id, at: context.now())
        authority.forget()
        context.logger.info(
            "A token was revoked", metadata: ["id": "\(id)", "name": "\(record.name)", "actor": "\(call.caller.actor)"])
        return try .object(view(record))
    }

    private func view(_ record: TokenRecord) -> TokenView {
        TokenView(
            id: record.id, name: record.name, scopes: record.scopes.compactMap(Scope.init),
            deployment: record.deployment, created: record.created, expires: record.expires,
            lastUsed: authority.lastUse(of: record.id) ?? record.lastUsed)
    }
}
