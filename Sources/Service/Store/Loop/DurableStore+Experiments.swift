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
                        database,
                        sql: """
                            SELECT \(EnrolmentRows.assignmentColumns) FROM experiments e
                            CROSS JOIN assignments a ON a.unit = ? AND a.experiment = e.seq WHERE e.id = ?
                            """, arguments: [CompactPseudonym(wanted.unit), wanted.experiment]
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
                    SELECT \(EnrolmentRows.assignmentColumns) FROM experiments e CROSS JOIN assignments a
                        ON a.unit IN (\(placeholders(units.count))) AND a.experiment = e.seq
                    WHERE e.id = ? ORDER BY a.seq LIMIT 1
                    """, arguments: StatementArguments(units.map(CompactPseudonym.init)) + [experiment]
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

    /// Assignments in the order they were made.
    package func assignments(
        experiment: String, after sequence: Int64 = 0, through last: Int64 = .max, limit: Int
    ) async throws -> [StoredAssignment] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(EnrolmentRows.assignmentColumns) FROM experiments e CROSS JOIN assignments a NOT INDEXED
                    WHERE e.id = ? AND a.experiment = e.seq AND a.seq > ? AND a.seq <= ? ORDER BY a.seq LIMIT ?
                    """, arguments: [experiment, sequence, last, limit]
            ).map(EnrolmentRows.assignment)
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
