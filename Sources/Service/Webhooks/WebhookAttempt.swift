internal import OutboundHTTP
import Values

/// One attempt to deliver one event to one endpoint, and what came of it.
package struct WebhookAttempt: Sendable, Equatable {
    /// What the dispatcher goes by: it is done, disables the endpoint, or tries again, not before the seconds that the
    /// receiver asked for (429, 503).
    package enum Outcome: Sendable, Equatable {
        case delivered
        /// 410: the endpoint wants no more.
        case gone
        case failed(retryAfterSeconds: Double?)
    }

    package var outcome: Outcome
    /// nil: there was no answer.
    package var status: Int?
    /// What happened, in words fit for a log: without the URL's query, secrets or the receiver's body.
    package var reason: String

    package var isDelivered: Bool { outcome == .delivered }
}

/// Sends attempts.
struct WebhookSender: Sendable {
    static let timeOut = Duration.seconds(20)
    static let maximumResponseBytes = 64 * 1024

    var client: HTTPClient

    func send(
        identifier: String, payload: [UInt8], to endpoint: WebhookEndpoint, now: Timestamp
    ) async -> WebhookAttempt {
        let request = OutboundRequest(
            method: "POST", url: endpoint.url,
            headers: [
                "content-type": "application/json",
                "user-agent": "retuned-webhooks",
                "webhook-id": identifier,
                "webhook-timestamp": "\(WebhookSignature.seconds(now))",
                "webhook-signature": WebhookSignature.sign(
                    identifier: identifier, timestamp: now, body: payload, secrets: endpoint.secrets),
            ],
            body: payload, deadlines: .init(connect: Self.timeOut, total: Self.timeOut),
            addressPolicy: endpoint.addressPolicy)
        do {
            let response = try await client.send(request)
            // Read to the end, so that the connection is kept; what a receiver says beyond the status does not count.
            _ = try? await response.body.prefix(bytes: Self.maximumResponseBytes)
            return Self.judge(status: response.status, retryAfter: response.headers["retry-after"], now: now)
        } catch {
            return WebhookAttempt(outcome: .failed(retryAfterSeconds: nil), status: nil, reason: "\(error)")
        }
    }

    static func judge(status: Int, retryAfter: String?, now: Timestamp) -> WebhookAttempt {
        let outcome: WebhookAttempt.Outcome
        let reason: String
        switch status {
        case 200..<300: (outcome, reason) = (.delivered, "answered \(status)")
        case 410: (outcome, reason) = (.gone, "answered 410: it wants no more deliveries")
        case 300..<400:
            (outcome, reason) = (
                .failed(retryAfterSeconds: nil), "answered \(status); redirects are not followed, configure the new URL"
            )
        case 429, 503:
            let seconds = retryAfter.flatMap { RetryAfter.seconds($0, now: now) }
            let wish = seconds.map { " and wants to be asked again after \(Int(min($0, 1e9))) s" } ?? ""
            (outcome, reason) = (.failed(retryAfterSeconds: seconds), "answered \(status)\(wish)")
        default: (outcome, reason) = (.failed(retryAfterSeconds: nil), "answered \(status)")
        }
        return WebhookAttempt(outcome: outcome, status: status, reason: reason)
    }
}
