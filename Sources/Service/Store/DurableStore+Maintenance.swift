import GRDB

extension DurableStore {
    private var databasePath: String { folder + "/retuned.sqlite" }

    /// Reads the writer's setting back and the files' sizes.
    package func health() async throws -> StoreHealth {
        let failure = writer.failure
        let isFull =
            failure == nil
            ? try await writer.alone { try Connections.read("synchronous", of: $0) == "2" } : false
        return StoreHealth(
            synchronousFull: isFull, acceptsIngest: failure == nil && writer.hasBallast, failure: failure,
            databaseBytes: PrivateFiles.size(databasePath),
            writeAheadLogBytes: PrivateFiles.size(databasePath + "-wal"))
    }

    /// What the writer did since the store was opened.
    package var statistics: StoreStatistics { writer.statistics }

    /// The settings that the promises rest on, by pragma, as a writing and a reading connection have them.
    package func settings() async throws -> (writer: [String: String], reader: [String: String]) {
        let pragmas = Connections.required.map(\.pragma) + ["synchronous", "auto_vacuum"]
        let readAll: @Sendable (Database) throws -> [String: String] = { database in
            var settings: [String: String] = [:]
            for pragma in pragmas { settings[pragma] = try Connections.read(pragma, of: database) }
            return settings
        }
        return (try await writer.alone(readAll), try await read(readAll))
    }

    /// To be called now and then (each minute, say): gives free pages back to the disk, empties the write-ahead log where no
    /// reader is in its way, and makes the ballast again after a full disk.
    package func maintain() async throws {
        if !writer.hasBallast { try await emptyWriteAheadLog() }
        // Pages that deletions freed, 1 MiB at a time: that holds nobody up and needs little room in the log.
        for _ in 0..<32 {
            do {
                let rest = try await writer.alone { database in
                    try database.execute(sql: "PRAGMA incremental_vacuum(256)")
                    _ = try database.checkpoint(.passive)
                    return try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
                }
                if rest == 0 { break }
            } catch StoreError.full {
                // No room even for that; what is free already is tried below.
                break
            }
        }
        if !writer.restoreBallast() {
            try await emptyWriteAheadLog()
            _ = writer.restoreBallast()
        }
    }

    /// Moves everything into the database and cuts the write-ahead log to nothing; waits for readers that are in its way.
    package func emptyWriteAheadLog() async throws {
        try await writer.alone { _ = try $0.checkpoint(.truncate) }
    }

    /// What SQLite finds wrong with the file; empty: nothing. `thorough` also compares indexes with their tables.
    package func integrityProblems(thorough: Bool = false) async throws -> [String] {
        try await read { database in
            let lines = try String.fetchAll(
                database, sql: thorough ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)")
            return lines == ["ok"] ? [] : lines
        }
    }
}
