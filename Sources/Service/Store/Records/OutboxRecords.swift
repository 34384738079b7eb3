package import Values

/// An alert, stored in the transaction of the change it tells of. `payload` is sent byte for byte.
package struct OutboxEvent: Equatable, Sendable {
    /// The `webhook-id`: unique, and the same in every attempt.
    package var id: String
    package var deployment: String?
    package var type: String
    package var payload: [UInt8]
    package var created: Timestamp

    package init(id: String, deployment: String?, type: String, payload: [UInt8], created: Timestamp) {
        self.id = id
        self.deployment = deployment
        self.type = type
        self.payload = payload
        self.created = created
    }
}

/// The way of one event to one endpoint.
package struct DeliveryRecord: Equatable, Sendable {
    /// Whether a delivery is still to be made; the raw value is stored.
    package enum Status: String, CaseIterable, Sendable {
        case pending
        case delivered
        /// Given up; an operator may requeue it.
        case dead
    }

    package var event: OutboxEvent
    /// The endpoint's name in the configuration.
    package var endpoint: String
    package var status: Status
    /// Attempts so far.
    package var attempts: Int
    package var nextAttempt: Timestamp
    package var lastAttempt: Timestamp?
    package var lastError: String?

    package init(
        event: OutboxEvent, endpoint: String, status: Status, attempts: Int, nextAttempt: Timestamp,
        lastAttempt: Timestamp?, lastError: String?
    ) {
        self.event = event
        self.endpoint = endpoint
        self.status = status
        self.attempts = attempts
        self.nextAttempt = nextAttempt
        self.lastAttempt = lastAttempt
        self.lastError = lastError
    }
}

/// Which endpoints an event goes to: decided once, by who knows the configuration.
package struct Distribution: Equatable, Sendable {
    package var event: String
    package var endpoints: [String]

    package init(event: String, endpoints: [String]) {
        self.event = event
        self.endpoints = endpoints
    }
}

/// An endpoint that no more attempts are made to, since it said so (410) or an operator did.
package struct DisabledEndpoint: Equatable, Sendable {
    package var endpoint: String
    package var reason: String
    package var since: Timestamp

    package init(endpoint: String, reason: String, since: Timestamp) {
        self.endpoint = endpoint
        self.reason = reason
        self.since = since
    }
}
