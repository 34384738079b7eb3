import GRDB

/// Difficulties of first queries as rows.
enum DifficultyRows {
    private static let thousandths = 1000.0

    /// Of a unit that is gone nothing is written.
    static func insert(_ difficulty: DifficultyRecord, into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO difficulties (assignment, value)
                SELECT a.seq, ? FROM experiments e CROSS JOIN assignments a ON a.experiment = e.seq AND a.unit = ?
                WHERE e.id = ?
                """)
        try statement.execute(arguments: [
            difficulty.nats.flatMap { Int64(exactly: ($0 * thousandths).rounded()) }, CompactPseudonym(difficulty.unit),
            difficulty.experiment,
        ])
    }

    static func difficulty(_ row: Row) throws -> StoredDifficulty {
        let value: Int64? = row["value"]
        return StoredDifficulty(
            sequence: row["seq"], unit: try EnrolmentRows.pseudonym(row, "unit"), arm: try EnrolmentRows.arm(row),
            nats: value.map { Double($0) / thousandths })
    }
}
