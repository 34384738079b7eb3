import GRDB
import Traffic
package import Values

extension DurableStore {
    /// The end of the log as it is committed now.
    package func position() async throws -> LogPosition {
        try await read { database in
            LogPosition(
                interactions: try Int64.fetchOne(database, sql: "SELECT max(seq) FROM interactions") ?? 0,
                ratings: try Int64.fetchOne(database, sql: "SELECT max(seq) FROM ratings") ?? 0)
        }
    }

    /// Interactions of a deployment in order of arrival, from the first after `sequence`. A page shorter than `limit`
    /// reached the end of what is committed.
    package func interactions(
        deployment: String, after sequence: Int64 = 0, through last: Int64 = .max, limit: Int
    ) async throws -> [StoredInteraction] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM interactions NOT INDEXED WHERE seq > ? AND seq <= ? AND deployment = ?
                    ORDER BY seq LIMIT ?
                    """, arguments: [sequence, last, deployment, limit]
            ).map(InteractionRows.decode)
        }
    }

    /// Ratings of a deployment in order of arrival, from the first after `sequence`.
    package func ratings(
        deployment: String, after sequence: Int64 = 0, through last: Int64 = .max, limit: Int
    ) async throws -> [StoredRating] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM ratings NOT INDEXED WHERE seq > ? AND seq <= ? AND deployment = ?
                    ORDER BY seq LIMIT ?
                    """, arguments: [sequence, last, deployment, limit]
            ).map(RatingRows.decode)
        }
    }

    package func interaction(deployment: String, id: String) async throws -> StoredInteraction? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM interactions WHERE deployment = ? AND id = ?",
                arguments: [deployment, id]
            ).map(InteractionRows.decode)
        }
    }

    /// All ratings of an interaction, in order of arrival.
    package func ratings(deployment: String, interaction: String) async throws -> [StoredRating] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM ratings WHERE deployment = ? AND interaction = ? ORDER BY seq",
                arguments: [deployment, interaction]
            ).map(RatingRows.decode)
        }
    }

    /// What units with these pseudonyms (one a key) asked, in order of arrival.
    package func interactions(deployment: String, units: [String]) async throws -> [StoredInteraction] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM interactions WHERE deployment = ? AND unit IN (\(placeholders(units.count)))
                    ORDER BY seq
                    """, arguments: [deployment] + StatementArguments(units)
            ).map(InteractionRows.decode)
        }
    }

    /// Ratings that units with these pseudonyms gave, and those of their interactions, in order of arrival.
    package func ratings(deployment: String, units: [String]) async throws -> [StoredRating] {
        try await read { database in
            let of = placeholders(units.count)
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM ratings WHERE deployment = ? AND (
                        rater IN (\(of))
                        OR interaction IN (SELECT id FROM interactions WHERE deployment = ? AND unit IN (\(of))))
                    ORDER BY seq
                    """,
                arguments: [deployment] + StatementArguments(units) + [deployment] + StatementArguments(units)
            ).map(RatingRows.decode)
        }
    }

    /// A page of the interactions of a time window (`from` included, `until` not) with the ratings of each that count,
    /// for training data; `onlyRated` leaves out those without one. Continue with the last interaction's sequence number.
    ///
    /// With `position` nothing that arrived later is seen, so that what is assembled does not depend on when.
    package func ratedInteractions(
        deployment: String, from: Timestamp, until: Timestamp, position: LogPosition? = nil, onlyRated: Bool = true,
        after sequence: Int64 = 0, limit: Int
    ) async throws -> [RatedInteraction] {
        try await read { database in
            let end = position ?? LogPosition(interactions: .max, ratings: .max)
            let rated = """
                AND EXISTS (SELECT 1 FROM ratings r WHERE r.deployment = i.deployment AND r.interaction = i.id
                    AND r.seq <= \(end.ratings))
                """
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT i.* FROM interactions i NOT INDEXED
                    WHERE i.seq > ? AND i.seq <= ? AND i.deployment = ? AND i.time >= ? AND i.time < ?
                    \(onlyRated ? rated : "") ORDER BY i.seq LIMIT ?
                    """, arguments: [sequence, end.interactions, deployment, from, until, limit])
            let statement = try database.cachedStatement(
                sql: "SELECT * FROM ratings WHERE deployment = ? AND interaction = ? AND seq <= ? ORDER BY seq")
            return try rows.map { row in
                let interaction = try InteractionRows.decode(row)
                let ratings = try Row.fetchAll(
                    statement, arguments: [deployment, interaction.logged.interaction.id, end.ratings]
                ).map(RatingRows.decode)
                return RatedInteraction(
                    interaction: interaction,
                    ratings: CountingRatings.select(ratings, unit: interaction.logged.interaction.unit))
            }
        }
    }

    /// Counts the interactions whose time is `from` or later, and what belongs to them, as the log stood at a position.
    package func windowCounts(
        deployment: String, from: Timestamp, position: LogPosition
    ) async throws -> WindowCounts {
        try await read { database in
            let window: StatementArguments = [deployment, from, position.interactions]
            let ofWindow = "i.deployment = ? AND i.time >= ? AND i.seq <= ?"
            let rated = """
                interactions i JOIN ratings r ON r.deployment = i.deployment AND r.interaction = i.id
                    AND r.seq <= \(position.ratings) WHERE \(ofWindow)
                """
            let counts = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS interactions, count(DISTINCT unit) AS units FROM interactions i WHERE \(ofWindow)
                    """, arguments: window)
            let redactions = try Row.fetchAll(
                database,
                sql: """
                    SELECT kinds.key AS kind, sum(kinds.value) AS number FROM (
                        SELECT i.redactions AS texts FROM interactions i
                        WHERE \(ofWindow) AND i.redactions IS NOT NULL
                        UNION ALL SELECT r.redactions FROM \(rated) AND r.redactions IS NOT NULL
                    ), json_each(texts) AS kinds GROUP BY kinds.key
                    """, arguments: window + window)
            return WindowCounts(
                interactions: counts?["interactions"] ?? 0,
                ratings: try Int.fetchOne(database, sql: "SELECT count(*) FROM \(rated)", arguments: window) ?? 0,
                units: counts?["units"] ?? 0,
                redactions: Dictionary(uniqueKeysWithValues: redactions.map { ($0["kind"], $0["number"]) }))
        }
    }

    /// Numbers of rows and of distinct units of a deployment. They are counted over indexes, in time linear in the log.
    package func counts(deployment: String) async throws -> LogCounts {
        try await read { database in
            func count(_ sql: String) throws -> Int {
                try Int.fetchOne(database, sql: sql, arguments: [deployment]) ?? 0
            }
            return LogCounts(
                interactions: try count("SELECT count(*) FROM interactions WHERE deployment = ?"),
                ratings: try count("SELECT count(*) FROM ratings WHERE deployment = ?"),
                units: try count(
                    "SELECT count(DISTINCT unit) FROM interactions WHERE deployment = ? AND unit IS NOT NULL"))
        }
    }
}

/// `?, ?, …`
func placeholders(_ count: Int) -> String {
    Array(repeating: "?", count: count).joined(separator: ", ")
}
