import GRDB
import Traffic
import Values

extension DurableStore {
    /// Fixes units and conversations; returns for each what holds now, which is the earlier where there was one.
    package func enrol(_ enrolments: Enrolments) async throws -> Enrolments {
        try await write(.ingest) { database in
            try EnrolmentRows.insert(enrolments, into: database)
            return Enrolments(
                assignments: try enrolments.assignments.compactMap { wanted in
                    try Row.fetchOne(
                        database, sql: "SELECT * FROM assignments WHERE experiment = ? AND unit = ?",
                        arguments: [wanted.experiment, wanted.unit]
                    ).map(EnrolmentRows.assignment)?.assignment
                },
                conversations: try enrolments.conversations.compactMap { wanted in
                    try Row.fetchOne(
                        database, sql: "SELECT * FROM conversations WHERE deployment = ? AND conversation = ?",
                        arguments: [wanted.deployment, wanted.conversation]
                    ).map(EnrolmentRows.conversation)
                })
        }
    }

    /// The unit's assignment; `units` holds its pseudonyms under every key, so that a rotated key changes nobody's arm.
    package func assignment(experiment: String, units: [String]) async throws -> AssignmentRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT * FROM assignments WHERE experiment = ? AND unit IN (\(placeholders(units.count)))
                    ORDER BY seq LIMIT 1
                    """, arguments: [experiment] + StatementArguments(units)
            ).map(EnrolmentRows.assignment)?.assignment
        }
    }

    package func conversation(deployment: String, conversations: [String]) async throws -> ConversationRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT * FROM conversations WHERE deployment = ?
                        AND conversation IN (\(placeholders(conversations.count))) ORDER BY time LIMIT 1
                    """, arguments: [deployment] + StatementArguments(conversations)
            ).map(EnrolmentRows.conversation)
        }
    }

    /// Leaves a unit out of the analysis from here on, with the reason; false where it is not enrolled.
    package func exclude(experiment: String, unit: String, reason: String) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE assignments SET excluded = ? WHERE experiment = ? AND unit = ? AND excluded IS NULL",
                arguments: [reason, experiment, unit])
            return database.changesCount > 0
        }
    }

    /// Assignments in the order they were made.
    package func assignments(
        experiment: String, after sequence: Int64 = 0, limit: Int
    ) async throws -> [StoredAssignment] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM assignments NOT INDEXED WHERE seq > ? AND experiment = ? ORDER BY seq LIMIT ?",
                arguments: [sequence, experiment, limit]
            ).map(EnrolmentRows.assignment)
        }
    }

    /// Ratings of the experiment's units: of interactions at or after the unit's enrolment that name the adapter of the
    /// unit's arm. By the rating's sequence number, within `position`.
    ///
    /// All of them, also those that a later one of the same rater replaced, since an earlier look may have counted them;
    /// `onlyCounting` leaves those out that do not count at `position`. Give the position of a look to get exactly what
    /// that look saw. Without a position, a rating that came before its interaction may appear behind a page already
    /// read.
    package func experimentRatings(
        experiment: String, position: LogPosition? = nil, onlyCounting: Bool = false, after sequence: Int64 = 0,
        limit: Int
    ) async throws -> [ExperimentRating] {
        try await read { database in
            // The order of the joins and the indexes are fixed: without statistics SQLite walks all ratings for each rating.
            let end = position ?? LogPosition(interactions: .max, ratings: .max)
            let counting = """
                AND NOT EXISTS (SELECT 1 FROM ratings o INDEXED BY ratings_interaction
                    WHERE o.deployment = r.deployment AND o.interaction = r.interaction AND o.seq <= \(end.ratings)
                    AND coalesce(o.rater, i.unit) = coalesce(r.rater, i.unit) AND o.scale IS r.scale
                    AND (o.time, o.seq) > (r.time, r.seq))
                """
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT r.seq, r.id, a.unit, a.arm, coalesce(r.rater, i.unit) AS rater, r.interaction,
                        i.seq AS interaction_seq, coalesce(r.scale, '') AS scale, r.value_number, r.value_label, r.time,
                        r.received, i.adapter
                    FROM assignments a CROSS JOIN experiments e ON e.id = a.experiment
                    CROSS JOIN interactions i INDEXED BY interactions_unit ON i.deployment = e.deployment AND i.unit = a.unit AND i.time >= a.time
                        AND i.adapter = CASE a.arm WHEN 'candidate' THEN e.candidate ELSE e.incumbent END
                    CROSS JOIN ratings r INDEXED BY ratings_interaction ON r.deployment = i.deployment AND r.interaction = i.id
                    WHERE a.experiment = ? AND i.seq <= ? AND r.seq > ? AND r.seq <= ?
                    \(onlyCounting ? counting : "") ORDER BY r.seq LIMIT ?
                    """, arguments: [experiment, end.interactions, sequence, end.ratings, limit]
            ).map { row in
                ExperimentRating(
                    sequence: row["seq"], id: row["id"], unit: row["unit"], arm: row["arm"], rater: row["rater"],
                    interaction: row["interaction"], interactionSequence: row["interaction_seq"], scale: row["scale"],
                    value: RatingRows.value(row), time: try row.value("time"), received: try row.value("received"),
                    adapter: row["adapter"])
            }
        }
    }

    /// Interactions of the experiment's units at or after their enrolment that name the adapter of the unit's arm,
    /// without texts, by sequence number.
    package func experimentInteractions(
        experiment: String, position: LogPosition? = nil, after sequence: Int64 = 0, limit: Int
    ) async throws -> [ExperimentInteraction] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT i.seq, i.id, a.unit, a.arm, i.time, i.received, i.adapter, i.error IS NOT NULL AS failed,
                        i.latency_ms, i.first_token_ms
                    FROM assignments a CROSS JOIN experiments e ON e.id = a.experiment
                    CROSS JOIN interactions i INDEXED BY interactions_unit ON i.deployment = e.deployment AND i.unit = a.unit AND i.time >= a.time
                        AND i.adapter = CASE a.arm WHEN 'candidate' THEN e.candidate ELSE e.incumbent END
                    WHERE a.experiment = ? AND i.seq > ? AND i.seq <= ? ORDER BY i.seq LIMIT ?
                    """, arguments: [experiment, sequence, position?.interactions ?? .max, limit]
            ).map { row in
                ExperimentInteraction(
                    sequence: row["seq"], id: row["id"], unit: row["unit"], arm: row["arm"],
                    time: try row.value("time"), received: try row.value("received"), adapter: row["adapter"],
                    failed: row["failed"], latencyMilliseconds: row["latency_ms"],
                    timeToFirstTokenMilliseconds: row["first_token_ms"])
            }
        }
    }

    package func experiment(id: String) async throws -> ExperimentRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM experiments WHERE id = ?", arguments: [id])
                .map(LoopRows.experiment)
        }
    }

    /// Experiments of a deployment, the newest first.
    package func experiments(deployment: String, limit: Int = 100) async throws -> [ExperimentRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM experiments WHERE deployment = ? ORDER BY seq DESC LIMIT ?",
                arguments: [deployment, limit]
            ).map(LoopRows.experiment)
        }
    }

    /// The looks of an experiment, the first first.
    package func looks(experiment: String) async throws -> [LookRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM looks WHERE experiment = ? ORDER BY number", arguments: [experiment]
            ).map(LoopRows.look)
        }
    }
}
