import Settings
import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Values
import Webhooks

extension DaemonRoutes {
    var administrationHandlers: [String: Handler] {
        [
            "GET /v1/tokens": { _ in
                let tokens = try await context.store.tokens().filter { $0.revoked == nil }
                return try .object(TokenList(tokens: tokens.map { TokenView($0) }))
            },
            "POST /v1/tokens": { try await createToken($0) },
            "DELETE /v1/tokens/{token}": { try await revokeToken($0) },
            "GET /v1/webhooks": { _ in try await webhooks() },
            "GET /v1/webhooks/dead-letters": { _ in
                let letters = try await context.store.deadLetters()
                return try .object(DeadLetterList(deadLetters: letters.map { DeadLetter($0) }))
            },
            "POST /v1/webhooks/test": { try await testWebhook($0) },
            "POST /v1/webhooks/resend": { try await resend($0) },
        ]
    }

    private func createToken(_ call: Call) async throws -> Response {
        let wanted = try await call.object(TokenRequest.self)
        guard !wanted.name.isEmpty, wanted.name.utf8.count <= 100, !wanted.scopes.isEmpty else {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "The token cannot be made.",
                detail: "A token needs a name of 1 to 100 bytes and at least one scope.", field: "scopes")
        }
        guard !wanted.scopes.contains(.admin) else {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "The token cannot be made.",
                detail: "The scope admin is for the Unix socket only; a token cannot have it.", field: "scopes")
        }
        if let name = wanted.deployment { _ = try deployment(named: name, caller: call.caller) }
        let id = hexadecimal(context.randomBytes(8))
        let text = BearerToken.text(id: id, secret: context.randomBytes(32))
        let record = TokenRecord(
            id: id, name: wanted.name, hash: BearerToken.hash(text), scopes: wanted.scopes.map(\.rawValue),
            deployment: wanted.deployment, created: context.now())
        try await context.store.insert(token: record)
        return try .object(
            TokenCreated(token: text, view: TokenView(record)), status: .created, headers: [.cacheControl: "no-store"])
    }

    private func revokeToken(_ call: Call) async throws -> Response {
        let id = try call.parameter("token")
        guard let record = try await context.store.token(id: id) else {
            throw ListenerProblem.notFound("There is no token ‘\(id)’; see GET /v1/tokens.")
        }
        _ = try await context.store.revokeToken(id: id, at: context.now())
        authority.forget()
        return try .object(TokenView(record))
    }

    private func webhooks() async throws -> Response {
        let disabled = try await context.store.disabledEndpoints()
        let letters = try await context.store.deadLetters(limit: 1000)
        let pending = try await context.store.deliveries(limit: 1000).filter { $0.status == .pending }
        return try .object(
            WebhookList(
                webhooks: context.settings.webhooks.map { webhook in
                    let stop = disabled.first { $0.endpoint == webhook.name }
                    return WebhookView(
                        name: webhook.name, url: String(webhook.url.prefix { $0 != "?" }),
                        events: webhook.types.compactMap(WebhookEventType.init), enabled: stop == nil,
                        detail: stop?.reason ?? "delivers", waiting: pending.count { $0.endpoint == webhook.name },
                        deadLetters: letters.count { $0.endpoint == webhook.name })
                }))
    }

    private func testWebhook(_ call: Call) async throws -> Response {
        let wanted = try await call.object(WebhookTestRequest.self)
        do {
            let attempt = try await context.webhooks.test(endpoint: wanted.webhook)
            return try .object(WebhookQueued(ids: ["\(attempt)"]), status: .accepted)
        } catch {
            throw ListenerProblem.notFound("\(error)")
        }
    }

    private func resend(_ call: Call) async throws -> Response {
        let wanted = try await call.object(WebhookResendRequest.self)
        var events = wanted.ids ?? []
        if events.isEmpty {
            events = try await context.store.deadLetters(limit: 1000)
                .filter { wanted.webhook == nil || $0.endpoint == wanted.webhook }.map(\.event.id)
        }
        for event in Set(events).sorted() {
            do {
                _ = try await context.webhooks.resend(event: event, endpoint: wanted.webhook)
            } catch let error as WebhookError {
                throw ListenerProblem.notFound("\(error)")
            }
        }
        return try .object(WebhookQueued(ids: Set(events).sorted()), status: .accepted)
    }
}

extension TokenView {
    init(_ record: TokenRecord) {
        self.init(
            id: record.id, name: record.name, scopes: record.scopes.compactMap(Scope.init),
            deployment: record.deployment, created: record.created)
    }
}

extension DeadLetter {
    init(_ delivery: DeliveryRecord) {
        self.init(
            id: delivery.event.id, webhook: delivery.endpoint,
            type: WebhookEventType(rawValue: delivery.event.type) ?? .test,
            created: delivery.event.created, attempts: delivery.attempts, lastAttempt: delivery.lastAttempt,
            reason: delivery.lastError ?? "no reason was kept")
    }
}
