import GRDB
package import Values

/// What is due at one endpoint, so that the backlog of one cannot hide another's.
extension DurableStore {
    /// Pending deliveries to `endpoint` whose time has come, the longest due first; none while it is disabled.
    package func dueDeliveries(endpoint: String, now: Timestamp, limit: Int) async throws -> [DeliveryRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    \(OutboxRows.deliveries) WHERE d.status = 'pending' AND d.next_attempt <= ? AND d.endpoint = ?
                        AND d.endpoint NOT IN (SELECT endpoint FROM disabled_endpoints)
                    ORDER BY d.next_attempt, o.seq LIMIT ?
                    """, arguments: [now, endpoint, limit]
            ).map(OutboxRows.delivery)
        }
    }

    /// When the next pending delivery to `endpoint` is due; nil: there is none, or it is disabled.
    package func nextDelivery(endpoint: String) async throws -> Timestamp? {
        try await read { database in
            try Timestamp.fetchOne(
                database,
                sql: """
                    SELECT min(next_attempt) FROM deliveries WHERE status = 'pending' AND endpoint = ?
                        AND endpoint NOT IN (SELECT endpoint FROM disabled_endpoints)
                    """, arguments: [endpoint])
        }
    }
}
