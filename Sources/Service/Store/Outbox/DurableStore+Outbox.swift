import GRDB
package import Values

/// The life of an alert: it is stored with the change it tells of; whoever knows the configured endpoints distributes it
/// once; each delivery is pending until it is delivered or dead. A crash between an attempt and its mark repeats the
/// attempt, under the same id.
extension DurableStore {
    /// Stores an event that belongs to no step of a loop (a test delivery, say).
    package func append(event: OutboxEvent) async throws {
        try await write(.essential, changing: .outbox) { try OutboxRows.insert(event, into: $0) }
    }

    /// Events that nobody has distributed yet, in the order they were stored.
    package func undistributedEvents(limit: Int) async throws -> [OutboxEvent] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM outbox WHERE distributed = 0 ORDER BY seq LIMIT ?", arguments: [limit]
            ).map(OutboxRows.event)
        }
    }

    /// Makes a pending delivery, due at `now`, of each event to each of its endpoints. An event is distributed once: a
    /// second distribution of it changes nothing.
    package func distribute(_ distributions: [Distribution], now: Timestamp) async throws {
        try await write(.essential, changing: .outbox) { database in
            for distribution in distributions {
                try database.execute(
                    sql: "UPDATE outbox SET distributed = 1 WHERE id = ? AND distributed = 0",
                    arguments: [distribution.event])
                if database.changesCount == 0 { continue }
                for endpoint in distribution.endpoints {
                    try database.execute(
                        sql: """
                            INSERT INTO deliveries (event, endpoint, status, attempts, next_attempt)
                            VALUES (?, ?, 'pending', 0, ?) ON CONFLICT DO NOTHING
                            """, arguments: [distribution.event, endpoint, now])
                }
            }
        }
    }

    /// Pending deliveries whose time has come, to endpoints that are not disabled, the longest due first.
    package func dueDeliveries(now: Timestamp, limit: Int) async throws -> [DeliveryRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    \(OutboxRows.deliveries) WHERE d.status = 'pending' AND d.next_attempt <= ?
                        AND d.endpoint NOT IN (SELECT endpoint FROM disabled_endpoints)
                    ORDER BY d.next_attempt, o.seq, d.endpoint LIMIT ?
                    """, arguments: [now, limit]
            ).map(OutboxRows.delivery)
        }
    }

    /// When the next pending delivery to an enabled endpoint is due; nil: there is none.
    package func nextDelivery() async throws -> Timestamp? {
        try await read { database in
            try Timestamp.fetchOne(
                database,
                sql: """
                    SELECT min(next_attempt) FROM deliveries
                    WHERE status = 'pending' AND endpoint NOT IN (SELECT endpoint FROM disabled_endpoints)
                    """)
        }
    }

    package func markDelivered(event: String, endpoint: String, at time: Timestamp) async throws {
        try await update(
            "status = 'delivered', attempts = attempts + 1, last_attempt = ?, last_error = NULL", [time],
            event: event, endpoint: endpoint)
    }

    /// A failed attempt; the next is at `nextAttempt`, or never: the delivery is dead.
    package func markFailed(
        event: String, endpoint: String, at time: Timestamp, error: String, nextAttempt: Timestamp?
    ) async throws {
        try await update(
            """
            status = \(nextAttempt == nil ? "'dead'" : "'pending'"), attempts = attempts + 1, last_attempt = ?,
            last_error = ?, next_attempt = coalesce(?, next_attempt)
            """, [time, error, nextAttempt], event: event, endpoint: endpoint)
    }

    /// Puts a dead or delivered delivery back in the queue, due at `now`, with its attempts counted from none; false where
    /// it is not known.
    package func requeue(event: String, endpoint: String, now: Timestamp) async throws -> Bool {
        try await write(.essential, changing: .outbox) { database in
            try database.execute(
                sql: """
                    UPDATE deliveries SET status = 'pending', attempts = 0, next_attempt = ?
                    WHERE event = ? AND endpoint = ?
                    """, arguments: [now, event, endpoint])
            return database.changesCount > 0
        }
    }

    /// Deliveries that were given up, the latest first.
    package func deadLetters(limit: Int = 100) async throws -> [DeliveryRecord] {
        try await deliveries(where: "d.status = 'dead' ORDER BY o.seq DESC, d.endpoint LIMIT ?", [limit])
    }

    /// The latest deliveries of whatever status, the latest event first.
    package func deliveries(limit: Int = 100) async throws -> [DeliveryRecord] {
        try await deliveries(where: "true ORDER BY o.seq DESC, d.endpoint LIMIT ?", [limit])
    }

    package func deliveries(event: String) async throws -> [DeliveryRecord] {
        try await deliveries(where: "o.id = ? ORDER BY d.endpoint", [event])
    }

    /// Makes no more attempts to an endpoint; what is pending waits.
    package func disableEndpoint(_ endpoint: String, reason: String, at time: Timestamp) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO disabled_endpoints (endpoint, reason, since) VALUES (?, ?, ?)
                    ON CONFLICT (endpoint) DO UPDATE SET reason = excluded.reason, since = excluded.since
                    """, arguments: [endpoint, reason, time])
        }
    }

    ///
    /// What waits for it is due at once, whenever it was to be tried again.
    package func enableEndpoint(_ endpoint: String) async throws {
        try await write(.essential, changing: .outbox) { database in
            try database.execute(sql: "DELETE FROM disabled_endpoints WHERE endpoint = ?", arguments: [endpoint])
            try database.execute(
                sql: "UPDATE deliveries SET next_attempt = 0 WHERE endpoint = ? AND status = 'pending'",
                arguments: [endpoint])
        }
    }

    package func disabledEndpoints() async throws -> [DisabledEndpoint] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM disabled_endpoints ORDER BY endpoint").map { row in
                DisabledEndpoint(
                    endpoint: row["endpoint"], reason: row["reason"], since: try row.value("since"))
            }
        }
    }

    /// Removes up to `limit` distributed events created before `time` that have nothing pending.
    package func deleteEvents(before time: Timestamp, limit: Int) async throws -> Int {
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox o WHERE created < ? AND distributed = 1
                        AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = o.id AND d.status = 'pending')
                        ORDER BY seq LIMIT ?)
                    """, arguments: [time, limit])
            return database.changesCount
        }
    }

    private func deliveries(where condition: String, _ arguments: StatementArguments) async throws -> [DeliveryRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "\(OutboxRows.deliveries) WHERE \(condition)", arguments: arguments)
                .map(OutboxRows.delivery)
        }
    }

    private func update(
        _ assignments: String, _ arguments: StatementArguments, event: String, endpoint: String
    ) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE deliveries SET \(assignments) WHERE event = ? AND endpoint = ?",
                arguments: arguments + [event, endpoint])
        }
    }
}
