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
                    VALUES ((SELECT seq FROM experiments WHERE id = ?), ?, ?, ?, ?, ?, ?, ?,
                        (SELECT coalesce(max(seq), 0) FROM interactions), (SELECT coalesce(max(seq), 0) FROM ratings))
                    ON CONFLICT (unit, experiment) DO NOTHING
                    """)
            try statement.execute(arguments: [
                assignment.experiment, CompactPseudonym(assignment.unit), ArmColumn(assignment.arm), assignment.time,
                ShareColumn(assignment.exposure), assignment.conversation.map(CompactPseudonym.init),
                assignment.excluded, assignment.enrolledAs.map(CompactPseudonym.init),
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

    /// Columns of an assignment `a` of the experiment `e`.
    static let assignmentColumns = """
        a.seq, e.id AS experiment, a.unit, a.arm, a.time, a.exposure, a.conversation, a.excluded, a.enrolled_as
        """

    static func assignment(_ row: Row) throws -> StoredAssignment {
        StoredAssignment(
            sequence: row["seq"],
            assignment: AssignmentRecord(
                experiment: row["experiment"], unit: try pseudonym(row, "unit"), arm: try arm(row),
                time: try row.value("time"), exposure: try row.value("exposure", as: ShareColumn.self).share,
                conversation: try pseudonymIfAny(row, "conversation"), excluded: row["excluded"],
                enrolledAs: try pseudonymIfAny(row, "enrolled_as")))
    }

    static func pseudonym(_ row: Row, _ column: String) throws -> String {
        try row.value(column, as: CompactPseudonym.self).text
    }

    private static func pseudonymIfAny(_ row: Row, _ column: String) throws -> String? {
        (row[column] as DatabaseValue).isNull ? nil : try pseudonym(row, column)
    }

    static func arm(_ row: Row) throws -> String {
        try row.value("arm", as: ArmColumn.self).name
    }

    static func conversation(_ row: Row) throws -> ConversationRecord {
        ConversationRecord(
            deployment: row["deployment"], conversation: row["conversation"], unit: row["unit"], arm: row["arm"],
            adapter: row["adapter"], time: try row.value("time"))
    }
}
