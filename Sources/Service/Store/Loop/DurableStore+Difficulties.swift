import GRDB

/// How difficult the first queries of an experiment's units are.
extension DurableStore {
    /// In the order in which they were written.
    package func difficulties(
        experiment: String, after sequence: Int64 = 0, through last: Int64 = .max, limit: Int
    ) async throws -> [StoredDifficulty] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT d.seq, a.unit, a.arm, d.value FROM experiments e CROSS JOIN difficulties d
                    CROSS JOIN assignments a ON a.seq = d.assignment AND a.experiment = e.seq
                    WHERE e.id = ? AND d.seq > ? AND d.seq <= ? ORDER BY d.seq LIMIT ?
                    """, arguments: [experiment, sequence, last, limit]
            ).map(DifficultyRows.difficulty)
        }
    }

    /// The earliest interaction of a unit, by its time, of those that were logged since its enrolment; nil where there is none.
    /// It may lie before the enrolment: clocks differ, and no arm can have changed it then either.
    package func firstQuery(experiment: String, unit: String) async throws -> StoredInteraction? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT i.* FROM experiments e CROSS JOIN assignments a ON a.experiment = e.seq AND a.unit = ?
                    CROSS JOIN interactions i INDEXED BY interactions_unit
                        ON i.deployment = e.deployment AND i.unit = ? AND i.seq > a.interactions
                    WHERE e.id = ? ORDER BY i.time, i.seq LIMIT 1
                    """, arguments: [CompactPseudonym(unit), unit, experiment]
            ).map(InteractionRows.decode)
        }
    }
}
