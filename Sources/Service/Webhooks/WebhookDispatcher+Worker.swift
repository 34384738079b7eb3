import Logging
import OutboundHTTP
import Store
import Values

extension WebhookDispatcher {
    /// The worker of one endpoint: whatever is due, a few at once, then sleep until the next is due or something changed.
    func work(endpoint name: String, signal: WakeSignal) async {
        var lastError: String?
        while !Task.isCancelled {
            guard let endpoint = endpoint(name) else {
                if retire(worker: name) { return }
                continue
            }
            do {
                let due = try await outbox.dueDeliveries(
                    endpoint: name, now: clock.now(), limit: Self.maximumInFlight)
                if due.isEmpty {
                    let next = try await outbox.nextDelivery(endpoint: name)
                    await wait(for: signal, until: next)
                    continue
                }
                let errors = try await attempt(due, at: endpoint)
                log(errors.last, before: &lastError, endpoint: endpoint)
            } catch {
                if Task.isCancelled { return }
                logger.error(
                    "deliveries to a webhook cannot be read or marked",
                    metadata: ["webhook": "\(name)", "error": "\(error)"])
                await clock.sleep(until: clock.now().advanced(bySeconds: Self.storePauseSeconds))
            }
        }
    }

    private func wait(for signal: WakeSignal, until time: Timestamp?) async {
        guard let time else { return await signal.wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { [clock] in await clock.sleep(until: time) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Attempts the deliveries side by side and marks each. Returns what went wrong, in the order of the deliveries.
    private func attempt(_ deliveries: [DeliveryRecord], at endpoint: WebhookEndpoint) async throws -> [String?] {
        try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            for (index, delivery) in deliveries.enumerated() {
                group.addTask { [self] in (index, try await attempt(delivery, at: endpoint)) }
            }
            var errors = [String?](repeating: nil, count: deliveries.count)
            for try await (index, error) in group { errors[index] = error }
            return errors
        }
    }

    private func attempt(_ delivery: DeliveryRecord, at endpoint: WebhookEndpoint) async throws -> String? {
        let event = delivery.event
        let attempt = await sender.send(
            identifier: event.id, payload: event.payload, to: endpoint, now: clock.now())
        // Broken off by us, not refused by the receiver: it does not count.
        try Task.checkCancellation()
        let now = clock.now()
        switch attempt.outcome {
        case .delivered:
            try await outbox.markDelivered(event: event.id, endpoint: endpoint.name, at: now)
            return nil
        case .gone:
            // Were it disabled first, whoever sees that could not resend yet what it refused.
            try await outbox.markFailed(
                event: event.id, endpoint: endpoint.name, at: now, error: attempt.reason, nextAttempt: nil)
            try await outbox.disableEndpoint(endpoint.name, reason: "it \(attempt.reason)", at: now)
            logger.error(
                "a webhook has disabled itself; nothing is sent to it until it is enabled again (retunectl webhooks enable)",
                metadata: metadata(endpoint, event))
            return attempt.reason
        case .failed(let retryAfterSeconds):
            let delay = schedule.delaySeconds(
                afterAttempts: delivery.attempts + 1, retryAfterSeconds: retryAfterSeconds,
                fraction: randomFraction())
            try await outbox.markFailed(
                event: event.id, endpoint: endpoint.name, at: now, error: attempt.reason,
                nextAttempt: delay.map { now.advanced(bySeconds: $0) })
            if delay == nil {
                logger.error(
                    "an event was not delivered in \(delivery.attempts + 1) attempts and is given up; it can be resent",
                    metadata: metadata(endpoint, event))
            }
            return attempt.reason
        }
    }

    /// Says an error when it changes, and its end, not every repetition.
    private func log(_ error: String??, before: inout String?, endpoint: WebhookEndpoint) {
        let error = error ?? nil
        guard error != before else { return }
        var metadata: Logger.Metadata = [
            "webhook": "\(endpoint.name)", "url": "\(OutboundRequest.redacted(endpoint.url))",
        ]
        if let error {
            metadata["error"] = "\(error)"
            logger.warning("a delivery to a webhook failed and will be tried again", metadata: metadata)
        } else {
            logger.info("deliveries to a webhook succeed again", metadata: metadata)
        }
        before = error
    }

    private func metadata(_ endpoint: WebhookEndpoint, _ event: OutboxEvent) -> Logger.Metadata {
        [
            "webhook": "\(endpoint.name)", "url": "\(OutboundRequest.redacted(endpoint.url))", "event": "\(event.id)",
            "type": "\(event.type)",
        ]
    }
}
