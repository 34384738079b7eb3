import API
import HTTPListener
import Hummingbird
import Logging
import OutboundHTTP
import Settings
import Store
import Values
import Webhooks

extension DaemonRoutes {
    private static let mostDeliveries = 1000

    func listWebhooks(_ call: Call) async throws -> Response {
        let deliveries = try await context.store.deliveries(limit: Self.mostDeliveries)
        let disabled = try await context.store.disabledEndpoints()
        let views = context.configuredWebhooks().map { webhook in
            let own = deliveries.filter { $0.endpoint == webhook.name }
            let reason = disabled.first { $0.endpoint == webhook.name }
            let latest = own.first { $0.lastAttempt != nil }
            return WebhookView(
                name: webhook.name, url: OutboundRequest.redacted(webhook.url),
                events: webhook.types.compactMap(WebhookEventType.init),
                enabled: reason == nil,
                detail: reason.map { "disabled since \($0.since): \($0.reason)" } ?? latest?.lastError
                    ?? (latest == nil ? "nothing was sent yet" : "the last delivery was accepted"),
                waiting: own.count { $0.status == .pending }, deadLetters: own.count { $0.status == .dead })
        }
        return try .object(WebhookList(webhooks: views))
    }

    func listDeadLetters(_ call: Call) async throws -> Response {
        try .object(
            DeadLetterList(
                deadLetters: try await context.store.deadLetters(limit: Self.mostDeliveries).map { record in
                    DeadLetter(
                        id: record.event.id, webhook: record.endpoint,
                        type: WebhookEventType(rawValue: record.event.type) ?? .test, created: record.event.created,
                        attempts: record.attempts, lastAttempt: record.lastAttempt,
                        reason: record.lastError ?? "it was not accepted")
                }))
    }

    /// Sends a receiver a signed test event now and waits for its answer.
    func testWebhook(_ call: Call) async throws -> Response {
        let request = try await call.object(WebhookRequest.self)
        do {
            let attempt = try await context.webhooks.test(endpoint: request.webhook)
            guard attempt.isDelivered else {
                throw ListenerProblem.unavailable(
                    "The test event to \(request.webhook) was not accepted: \(attempt.reason).",
                    kind: "webhook-failed", retryAfterSeconds: 5)
            }
            return try .object(WebhookQueued(ids: [request.webhook]), status: .accepted)
        } catch let error as WebhookError {
            throw Self.problem(error)
        }
    }

    /// Sends to a receiver again that answered 410; the answer names what waited.
    func enableWebhook(_ call: Call) async throws -> Response {
        let request = try await call.object(WebhookRequest.self)
        let waiting = try await context.store.deliveries(limit: Self.mostDeliveries).filter {
            $0.endpoint == request.webhook && $0.status == .pending
        }
        do {
            try await context.webhooks.enable(endpoint: request.webhook)
        } catch let error as WebhookError {
            throw Self.problem(error)
        }
        context.logger.info(
            "A webhook was enabled", metadata: ["webhook": "\(request.webhook)", "actor": "\(call.caller.actor)"])
        return try .object(WebhookQueued(ids: waiting.map(\.event.id)), status: .accepted)
    }

    /// Puts dead letters back in the queue: those named, or all.
    func resendWebhooks(_ call: Call) async throws -> Response {
        let request = try await call.object(WebhookResendRequest.self)
        do {
            if let ids = request.ids {
                for id in ids { try await context.webhooks.resend(event: id, endpoint: request.webhook) }
                return try .object(WebhookQueued(ids: ids), status: .accepted)
            }
            var ids: [String] = []
            var held: Set<String> = []
            // Letters of receivers that are gone or disabled stay where they are.
            let disabled = Set(try await context.store.disabledEndpoints().map(\.endpoint))
            let reachable = Set(context.configuredWebhooks().map(\.name)).subtracting(disabled)
            for letter in try await context.store.deadLetters(limit: Self.mostDeliveries)
            where request.webhook.map({ letter.endpoint == $0 }) ?? true {
                guard request.webhook != nil || reachable.contains(letter.endpoint) else {
                    held.insert(letter.endpoint)
                    continue
                }
                try await context.webhooks.resend(event: letter.event.id, endpoint: letter.endpoint)
                if !ids.contains(letter.event.id) { ids.append(letter.event.id) }
            }
            return try .object(
                WebhookQueued(ids: ids, held: held.isEmpty ? nil : held.sorted()), status: .accepted)
        } catch let error as WebhookError {
            throw Self.problem(error)
        }
    }

    private static func problem(_ error: WebhookError) -> ListenerProblem {
        switch error {
        case .unknownEndpoint, .unknownEvent: .notFound("\(error).")
        case .endpointDisabled:
            ListenerProblem(
                .badRequest, kind: "webhook-disabled", title: "The webhook is disabled.", detail: "\(error).")
        }
    }
}
