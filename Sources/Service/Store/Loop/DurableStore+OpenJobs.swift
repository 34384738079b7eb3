import GRDB

/// The data of jobs under way, so that nobody who is erased meanwhile is learnt from.
extension DurableStore {
    /// How many transactions have removed rows of people; see `openJob`.
    package func erasures() async throws -> Int {
        try await read { try ErasureRows.count($0) }
    }

    /// Notes what stands in the data of a job, before its folder is there. A job that is open already is noted anew.
    ///
    /// - Parameter erasures: as they were before `rows` were read from the log.
    /// - Returns: false, and nothing is noted, where somebody was erased since: the rows have to be read again.
    package func openJob(_ job: String, deployment: String, rows: [OpenJobRow], erasures: Int) async throws -> Bool {
        try await write(.essential) { database in
            guard try ErasureRows.count(database) == erasures else { return false }
            try database.execute(sql: "DELETE FROM open_jobs WHERE id = ?", arguments: [job])
            try database.execute(
                sql: "INSERT INTO open_jobs (id, deployment) VALUES (?, ?)", arguments: [job, deployment])
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO open_job_rows (job, record, interaction, rating, data_set, weight, unit, rater)
                    VALUES (?, ?, ?, ?, ?, ?, (SELECT unit FROM interactions WHERE deployment = ? AND id = ?),
                        (SELECT rater FROM ratings WHERE deployment = ? AND id = ?))
                    """)
            for row in rows {
                try statement.execute(arguments: [
                    job, row.record, row.interaction, row.rating, row.set.rawValue, row.weight, deployment,
                    row.interaction, deployment, row.rating,
                ])
            }
            return true
        }
    }

    /// False where the job was never opened, has ended, or somebody in its data was erased.
    package func isOpen(job: String) async throws -> Bool {
        try await read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM open_jobs WHERE id = ?)", arguments: [job]) ?? false
        }
    }

    /// What stands in the data of an open job, ordered by set and record; empty where it is not open.
    package func rows(ofOpenJob job: String) async throws -> [OpenJobRow] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM open_job_rows WHERE job = ? ORDER BY data_set, record", arguments: [job]
            ).map(LoopRows.openJobRow)
        }
    }
}
