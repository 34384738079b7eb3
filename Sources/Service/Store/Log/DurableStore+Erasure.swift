import GRDB
package import Values

extension DurableStore {
    /// Removes everything of a unit, given by its pseudonyms under every key: its interactions with all ratings of them,
    /// the ratings it gave, its assignments and conversations, and its rows in the lineage of adapters, which remember how
    /// many they lost. Jobs under way that have a record of it in their data are closed. `deployment` nil: in all of them.
    ///
    /// It works on a full disk, in batches. After it no byte of the rows is in the database or its write-ahead log
    /// (`secure_delete`, and the log is emptied); an interrupted erasure is carried on by the same call.
    package func erase(units: [String], deployment: String? = nil) async throws -> ErasureResult {
        var result = ErasureResult()
        var adapters: Set<String> = []
        var jobs: Set<String> = []
        if !units.isEmpty {
            while true {
                let batch = try await writeInRoom(batch: 200) { database, size in
                    try ErasureRows(database: database).removeBatch(units, deployment: deployment, size: size)
                }
                result.interactions += batch.interactions
                result.ratings += batch.ratings
                adapters.formUnion(batch.adapters)
                jobs.formUnion(batch.jobs)
                if batch.interactions + batch.ratings == 0 { break }
            }
            let last = try await write { database in
                let rows = ErasureRows(database: database)
                var last = try rows.removeEnrolments(units, deployment: deployment)
                (last.adapters, last.jobs) = try rows.removeOrigins(units, deployment: deployment)
                return last
            }
            result.assignments = last.assignments
            result.conversations = last.conversations
            adapters.formUnion(last.adapters)
            jobs.formUnion(last.jobs)
            result.adapters = adapters.sorted()
            result.jobs = jobs.sorted()
        }
        try await emptyWriteAheadLog()
        return result
    }

    /// Removes up to `limit` interactions of a deployment whose time is before `time`, each with all its ratings, as many
    /// other ratings before `time`, and as many conversations; returns how many rows. Call it until it returns 0, with
    /// pauses for others.
    ///
    /// A rating does not outlive what it rates: most name no rater, so that nobody could say any more whose it is.
    package func deleteLog(deployment: String, before time: Timestamp, limit: Int = 500) async throws -> Int {
        try await writeInRoom(batch: limit) { database, size in
            var removed = 0
            let old = try Row.fetchAll(
                database, sql: "SELECT seq, id FROM interactions WHERE deployment = ? AND time < ? LIMIT ?",
                arguments: [deployment, time, size])
            for row in old {
                try database.execute(
                    sql: "DELETE FROM ratings WHERE deployment = ? AND interaction = ?",
                    arguments: [deployment, row["id"] as String])
                removed += database.changesCount
                try database.execute(
                    sql: "DELETE FROM interactions WHERE seq = ?", arguments: [row["seq"] as Int64])
                removed += 1
            }
            for table in ["ratings", "conversations"] {
                try database.execute(
                    sql: """
                        DELETE FROM \(table) WHERE rowid IN
                            (SELECT rowid FROM \(table) WHERE deployment = ? AND time < ? LIMIT ?)
                        """, arguments: [deployment, time, size])
                removed += database.changesCount
            }
            return removed
        }
    }

    /// Runs a deletion of `batch` rows. The pages it overwrites go through the write-ahead log first, so on a full disk
    /// that is emptied before and after, and the batch made smaller until it fits the room the ballast left.
    private func writeInRoom<Value: Sendable>(
        batch: Int, _ body: @escaping @Sendable (Database, Int) throws -> Value
    ) async throws -> Value {
        var size = batch
        while true {
            do {
                let tried = size
                let value = try await write { try body($0, tried) }
                if !writer.hasBallast { try await emptyWriteAheadLog() }
                return value
            } catch StoreError.full where size > 1 {
                size = max(1, size / 4)
                try await emptyWriteAheadLog()
            }
        }
    }
}

/// The parts of an erasure, each inside one of the writer's transactions.
struct ErasureRows {
    /// Counts transactions that removed something, for those who keep sums of the log.
    static let counter = "erasures"

    let database: Database

    /// Removes up to `size` interactions with their ratings and as many ratings of others, a deployment.
    func removeBatch(_ units: [String], deployment: String?, size: Int) throws -> ErasureResult {
        var result = ErasureResult()
        let of = placeholders(units.count)
        for deployment in try deployments(deployment) {
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT seq, id FROM interactions WHERE deployment = ? AND unit IN (\(of)) LIMIT ?",
                arguments: [deployment] + StatementArguments(units) + [size])
            for row in rows {
                let id: String = row["id"]
                result.adapters += try removeLineage("interaction = ?", [id], deployment: deployment)
                result.jobs += try closeJobs("interaction = ?", [id], deployment: deployment)
                try database.execute(
                    sql: "DELETE FROM ratings WHERE deployment = ? AND interaction = ?", arguments: [deployment, id])
                result.ratings += database.changesCount
                try database.execute(
                    sql: "DELETE FROM interactions WHERE seq = ?", arguments: [row["seq"] as Int64])
                result.interactions += 1
            }
            let given = try Row.fetchAll(
                database, sql: "SELECT seq, id FROM ratings WHERE deployment = ? AND rater IN (\(of)) LIMIT ?",
                arguments: [deployment] + StatementArguments(units) + [size])
            for row in given {
                let id: String = row["id"]
                result.adapters += try removeLineage("rating = ?", [id], deployment: deployment)
                result.jobs += try closeJobs("rating = ?", [id], deployment: deployment)
                try database.execute(sql: "DELETE FROM ratings WHERE seq = ?", arguments: [row["seq"] as Int64])
                result.ratings += 1
            }
        }
        try removeJudgements(units, deployment: deployment)
        if result.interactions + result.ratings > 0 { try count() }
        return result
    }

    /// What somebody said as a judge of shadow replays.
    private func removeJudgements(_ judges: [String], deployment: String?) throws {
        try database.execute(
            sql: """
                DELETE FROM shadow_judgements WHERE judge IN (\(placeholders(judges.count))) AND pair IN (
                    SELECT p.seq FROM shadow_pairs p JOIN shadow_replays s ON s.cycle = p.cycle
                    WHERE ? IS NULL OR s.deployment = ?)
                """, arguments: StatementArguments(judges) + [deployment, deployment])
    }

    /// How many transactions have removed something.
    static func count(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = ?", arguments: [counter]) ?? 0
    }

    private func count() throws {
        try database.execute(
            sql: "INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            arguments: [Self.counter])
    }

    func removeEnrolments(_ units: [String], deployment: String?) throws -> ErasureResult {
        var result = ErasureResult()
        let of = placeholders(units.count)
        let compact = StatementArguments(units.map(CompactPseudonym.init))
        let experiments = try Row.fetchAll(
            database,
            sql: """
                SELECT a.experiment, count(*) AS units FROM assignments a JOIN experiments e ON e.seq = a.experiment
                WHERE a.unit IN (\(of)) AND (? IS NULL OR e.deployment = ?) GROUP BY a.experiment
                """, arguments: compact + [deployment, deployment])
        for row in experiments {
            let experiment: Int64 = row["experiment"]
            try database.execute(
                sql: "UPDATE experiments SET erased_units = erased_units + ? WHERE seq = ?",
                arguments: [row["units"] as Int, experiment])
            try database.execute(
                sql: "DELETE FROM assignments WHERE experiment = ? AND unit IN (\(of))",
                arguments: [experiment] + compact)
            result.assignments += database.changesCount
        }
        if result.assignments > 0 { try count() }
        try database.execute(
            sql: "DELETE FROM conversations WHERE unit IN (\(of)) AND (? IS NULL OR deployment = ?)",
            arguments: StatementArguments(units) + [deployment, deployment])
        result.conversations = database.changesCount
        return result
    }

    /// What descends from rows that retention took from the log before: lineage and jobs under way name the people too.
    func removeOrigins(_ units: [String], deployment: String?) throws -> (adapters: [String], jobs: [String]) {
        let of = placeholders(units.count)
        let condition = "(unit IN (\(of)) OR rater IN (\(of)))"
        let arguments = StatementArguments(units) + StatementArguments(units)
        let found = (
            try removeLineage(condition, arguments, deployment: deployment),
            try closeJobs(condition, arguments, deployment: deployment)
        )
        if !found.1.isEmpty { try count() }
        return found
    }

    /// Returns the adapters concerned, whose count of lost rows grows.
    private func removeLineage(
        _ condition: String, _ arguments: StatementArguments, deployment: String?
    ) throws -> [String] {
        let ofDeployment = "adapter IN (SELECT name FROM adapters WHERE ? IS NULL OR deployment = ?)"
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT adapter, count(*) AS records FROM lineage WHERE \(condition) AND \(ofDeployment) GROUP BY adapter
                """, arguments: arguments + [deployment, deployment])
        if rows.isEmpty { return [] }
        try database.execute(
            sql: "DELETE FROM lineage WHERE \(condition) AND \(ofDeployment)",
            arguments: arguments + [deployment, deployment])
        return try rows.map { row in
            let adapter: String = row["adapter"]
            try database.execute(
                sql: "UPDATE adapters SET erased_records = erased_records + ? WHERE name = ?",
                arguments: [row["records"] as Int, adapter])
            return adapter
        }
    }

    /// Closes the jobs under way that have such a row, and returns them.
    private func closeJobs(
        _ condition: String, _ arguments: StatementArguments, deployment: String?
    ) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                DELETE FROM open_jobs WHERE (? IS NULL OR deployment = ?)
                    AND id IN (SELECT job FROM open_job_rows WHERE \(condition)) RETURNING id
                """, arguments: [deployment, deployment] + arguments)
    }

    /// The deployments that the log knows, by two loose scans of indexes.
    private func deployments(_ only: String?) throws -> [String] {
        if let only { return [only] }
        return try String.fetchAll(
            database,
            sql: """
                WITH RECURSIVE names (name) AS (
                    SELECT min(deployment) FROM interactions
                    UNION ALL SELECT (SELECT min(deployment) FROM interactions WHERE deployment > name) FROM names
                    WHERE name IS NOT NULL),
                raters (name) AS (
                    SELECT min(deployment) FROM ratings
                    UNION ALL SELECT (SELECT min(deployment) FROM ratings WHERE deployment > name) FROM raters
                    WHERE name IS NOT NULL)
                SELECT name FROM names WHERE name IS NOT NULL UNION SELECT name FROM raters WHERE name IS NOT NULL
                """)
    }
}
