import GRDB

/// What a readiness check and `status` want to know.
package struct StoreHealth: Equatable, Sendable {
    /// Commits are synced before they are answered.
    package var synchronousFull: Bool
    /// False: the disk was full, and ingest is refused until there is room for the ballast again.
    package var acceptsIngest: Bool
    package var failure: StoreError?
    /// Bytes of the database and of its write-ahead log.
    package var databaseBytes: Int64
    package var writeAheadLogBytes: Int64

    package init(
        synchronousFull: Bool, acceptsIngest: Bool, failure: StoreError?, databaseBytes: Int64,
        writeAheadLogBytes: Int64
    ) {
        self.synchronousFull = synchronousFull
        self.acceptsIngest = acceptsIngest
        self.failure = failure
        self.databaseBytes = databaseBytes
        self.writeAheadLogBytes = writeAheadLogBytes
    }
}

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

    /// To be called now and then (each minute, say): gives free pages back to the disk, empties the write-ahead log where no
    /// reader is in its way, and makes the ballast again after a full disk.
    package func maintain() async throws {
        try await writer.alone { database in
            // Pages that deletions freed; a few thousand at a time hold nobody up.
            try database.execute(sql: "PRAGMA incremental_vacuum(4096)")
            _ = try database.checkpoint(.passive)
        }
        if !writer.restoreBallast() { try await emptyWriteAheadLog() }
        _ = writer.restoreBallast()
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
