import GRDB
import Values

extension DurableStore {
    /// Writes everything of `commit` in one transaction, or nothing, and returns the loop's revision after it is durable.
    ///
    /// Throws `StoreError.staleRevision` where the loop moved on meanwhile, `.actionExists` where an action's id is
    /// known, `.full`, and `.invalid` where a part breaks the schema (a look's number used twice, say).
    @discardableResult
    package func commit(_ commit: LoopCommit) async throws -> Int64 {
        try await write(.essential, changing: commit.events.isEmpty ? nil : .outbox) { database in
            try LoopCommitRows(database: database).write(commit)
        }
    }

    package func loopState(deployment: String) async throws -> LoopStateRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM loops WHERE deployment = ?", arguments: [deployment])
                .map { row in
                    LoopStateRecord(
                        deployment: row["deployment"], revision: row["revision"], value: try LoopRows.versioned(row))
                }
        }
    }

    /// A number that the series gives once, from 1, also across crashes: for `c-13`, `e-12`, `j-41`.
    package func allocateNumber(series: String) async throws -> Int {
        try await write { try Self.next(of: series, $0) }
    }

    /// The next adapter's version and name (`<deployment>-v<version>`); given once, also where nothing comes of it.
    package func allocateAdapterVersion(deployment: String) async throws -> (version: Int, name: String) {
        let version = try await write { database in
            let known =
                try Int.fetchOne(
                    database, sql: "SELECT max(version) FROM adapters WHERE deployment = ?", arguments: [deployment])
                ?? 0
            return try Self.next(of: "adapter/\(deployment)", atLeast: known + 1, database)
        }
        return (version, "\(deployment)-v\(version)")
    }

    private static func next(of series: String, atLeast least: Int = 1, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: """
                INSERT INTO counters (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value
                """, arguments: [series, least]) ?? least
    }

    package func cycle(id: String) async throws -> CycleRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM cycles WHERE id = ?", arguments: [id]).map(LoopRows.cycle)
        }
    }

    /// Cycles of a deployment, the newest first.
    package func cycles(deployment: String, limit: Int = 100) async throws -> [CycleRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM cycles WHERE deployment = ? ORDER BY seq DESC LIMIT ?",
                arguments: [deployment, limit]
            ).map(LoopRows.cycle)
        }
    }

    /// Transitions of a cycle, the first first.
    package func transitions(cycle: String) async throws -> [TransitionRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM transitions WHERE cycle = ? ORDER BY seq", arguments: [cycle]
            ).map(LoopRows.transition)
        }
    }

    /// The latest transitions of a deployment, the newest first.
    package func transitions(deployment: String, limit: Int = 100) async throws -> [TransitionRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM transitions WHERE deployment = ? ORDER BY seq DESC LIMIT ?",
                arguments: [deployment, limit]
            ).map(LoopRows.transition)
        }
    }

    package func detectors(deployment: String) async throws -> [DetectorRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM detectors WHERE deployment = ? ORDER BY name", arguments: [deployment]
            ).map(LoopRows.detector)
        }
    }

    package func dossier(cycle: String) async throws -> [DossierPart] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM dossier_parts WHERE cycle = ? ORDER BY name", arguments: [cycle]
            ).map { row in
                DossierPart(cycle: row["cycle"], name: row["name"], value: try LoopRows.json(row, "value"))
            }
        }
    }

    package func action(deployment: String, id: String) async throws -> ActionRecord? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM actions WHERE deployment = ? AND id = ?", arguments: [deployment, id]
            ).map(LoopRows.action)
        }
    }

    package func adapter(name: String) async throws -> AdapterRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM adapters WHERE name = ?", arguments: [name])
                .map(LoopRows.adapter)
        }
    }

    /// Adapters of a deployment, the newest first.
    package func adapters(deployment: String) async throws -> [AdapterRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM adapters WHERE deployment = ? ORDER BY version DESC",
                arguments: [deployment]
            ).map(LoopRows.adapter)
        }
    }

    /// What went into an adapter or judged it, ordered by set and record.
    package func lineage(adapter: String) async throws -> [LineageRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM lineage WHERE adapter = ? ORDER BY data_set, record",
                arguments: [adapter]
            ).map(LoopRows.lineage)
        }
    }

    package func job(id: String) async throws -> JobRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id]).map(LoopRows.job)
        }
    }

    /// Jobs of a deployment, the first first; `onlyOpen`: those that have not ended.
    package func jobs(deployment: String, cycle: String? = nil, onlyOpen: Bool = false) async throws -> [JobRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM jobs WHERE deployment = ? AND (? IS NULL OR cycle = ?)
                    \(onlyOpen ? "AND state IN ('waiting', 'running')" : "") ORDER BY seq
                    """, arguments: [deployment, cycle, cycle]
            ).map(LoopRows.job)
        }
    }
}
