import GRDB

/// Assignments and conversations as rows; what was fixed before stays.
///
/// An assignment keeps the log's end at its insertion: only what comes after it in the log counts. So a look that sees an
/// interaction also sees the assignment, and no later assignment changes what an earlier look saw.
enum EnrolmentRows {
    static func insert(_ enrolments: Enrolments, into database: Database) throws {
        for assignment in enrolments.assignments {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO assignments (experiment, unit, arm, time, exposure, conversation, excluded, enrolled_as,
                        interactions, ratings)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM interactions),
                        (SELECT coalesce(max(seq), 0) FROM ratings))
                    ON CONFLICT (experiment, unit) DO NOTHING
                    """)
            try statement.execute(arguments: [
                assignment.experiment, assignment.unit, assignment.arm, assignment.time, assignment.exposure,
                assignment.conversation, assignment.excluded, assignment.enrolledAs,
            ])
        }
        for conversation in enrolments.conversations {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO conversations (deployment, conversation, unit, arm, adapter, time)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (deployment, conversation) DO NOTHING
                    """)
            try statement.execute(arguments: [
                conversation.deployment, conversation.conversation, conversation.unit, conversation.arm,
                conversation.adapter, conversation.time,
            ])
        }
    }

    static func assignment(_ row: Row) throws -> StoredAssignment {
        StoredAssignment(
            sequence: row["seq"],
            assignment: AssignmentRecord(
                experiment: row["experiment"], unit: row["unit"], arm: row["arm"], time: try row.value("time"),
                exposure: row["exposure"], conversation: row["conversation"], excluded: row["excluded"],
                enrolledAs: row["enrolled_as"]))
    }

    static func conversation(_ row: Row) throws -> ConversationRecord {
        ConversationRecord(
            deployment: row["deployment"], conversation: row["conversation"], unit: row["unit"], arm: row["arm"],
            adapter: row["adapter"], time: try row.value("time"))
    }
}
