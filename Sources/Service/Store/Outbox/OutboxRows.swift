import GRDB
import Values

/// Events and deliveries as rows.
enum OutboxRows {
    static func insert(_ event: OutboxEvent, into database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO outbox (id, deployment, type, payload, created, distributed) VALUES (?, ?, ?, ?, ?, 0)
                """
        ).execute(arguments: [event.id, event.deployment, event.type, Blob(event.payload), event.created])
    }

    static func event(_ row: Row) throws -> OutboxEvent {
        let payload: Blob = try row.value("payload")
        return OutboxEvent(
            id: row["id"], deployment: row["deployment"], type: row["type"], payload: payload.bytes,
            created: try row.value("created"))
    }

    /// A row of `deliveries JOIN outbox`.
    static func delivery(_ row: Row) throws -> DeliveryRecord {
        let status: String = row["status"]
        guard let known = DeliveryRecord.Status(rawValue: status) else {
            throw StoreError.failed(reason: "the delivery status \(status) is unknown to this version")
        }
        return DeliveryRecord(
            event: try event(row), endpoint: row["endpoint"], status: known, attempts: row["attempts"],
            nextAttempt: try row.value("next_attempt"), lastAttempt: row["last_attempt"], lastError: row["last_error"])
    }

    static let deliveries = """
        SELECT o.seq, o.id, o.deployment, o.type, o.payload, o.created, d.endpoint, d.status, d.attempts,
            d.next_attempt, d.last_attempt, d.last_error
        FROM deliveries d JOIN outbox o ON o.id = d.event
        """
}
