import Foundation
import GRDB

/// Opens the connections as the promises need them, and reads every setting back.
enum Connections {
    static func open(path: String, readers: Int) throws -> DatabasePool {
        try PrivateFiles.makeFile(path)
        do {
            try requireOwnBeforeOpening(path)
            let pool = try DatabasePool(path: path, configuration: configuration(readers: readers))
            // GRDB's own set-up of the write-ahead log says NORMAL after our pragmas, so this comes last.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try pool.writeWithoutTransaction { try assertSettings(of: $0, path: path, isWriter: true) }
            guard try pool.read({ try !Migrations.all.hasBeenSuperseded($0) }) else {
                throw StoreError.unusable(path: path, reason: "a newer retuned has written it; install that one")
            }
            try requireOwn(pool, path: path)
            do {
                try Migrations.all.migrate(pool)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
                throw StoreError.unusable(
                    path: path,
                    reason:
                        "its tables are not those that retuned made (\(error.message ?? "\(error.resultCode)")); put the newest backup in place"
                )
            }
            try pool.read { try assertSettings(of: $0, path: path, isWriter: false) }
            // Migrations must not have changed what the promises rest on.
            try pool.writeWithoutTransaction { try assertSettings(of: $0, path: path, isWriter: true) }
            return pool
        } catch {
            let translated = Failures.storeError(error)
            if let translated = translated as? StoreError {
                if case .damaged(let what) = translated {
                    throw StoreError.unusable(
                        path: path, reason: "it is damaged (\(what)); put the newest backup in place")
                }
                if case .failed(let reason) = translated { throw StoreError.cannotOpen(path: path, reason: reason) }
                throw translated
            }
            throw StoreError.cannotOpen(path: path, reason: "\(error)")
        }
    }

    /// A database that keeps no write-ahead log is not ours, or not yet: it is looked at before opening it would turn it into
    /// one that does. Its header says which (byte 18, SQLite's file format version for writing).
    private static func requireOwnBeforeOpening(_ path: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        guard let header = try handle.read(upToCount: 20), header.count == 20, header[18] == 1 else { return }
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try requireOwn(queue, path: path)
        try queue.close()
    }

    /// A database that somebody else made is not added to.
    private static func requireOwn(_ reader: some DatabaseReader, path: String) throws {
        let isForeign = try reader.read { database in
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            return !tables.isEmpty && !tables.contains("grdb_migrations")
        }
        if isForeign {
            throw StoreError.unusable(
                path: path, reason: "it is a database of another program; move it away, or name another stateDirectory")
        }
    }

    private static func configuration(readers: Int) -> Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.label = "store"
        configuration.prepareDatabase { database in
            database.add(function: CompactPseudonym.function)
            // Incremental, so that retention can give room back; it has to come before the first table.
            if !database.configuration.readonly {
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            try database.execute(
                sql: """
                    PRAGMA secure_delete = ON;
                    PRAGMA mmap_size = 0;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 8388608;
                    PRAGMA cache_size = -1024;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }

    /// Settings that the promises rest on, by pragma. A store where one does not hold is not used.
    static let required: [(pragma: String, value: String)] = [
        ("journal_mode", "wal"), ("secure_delete", "1"), ("mmap_size", "0"), ("trusted_schema", "0"),
        ("cell_size_check", "1"), ("wal_autocheckpoint", "0"), ("foreign_keys", "1"),
    ]

    static func assertSettings(of database: Database, path: String, isWriter: Bool) throws {
        for (pragma, value) in required + (isWriter ? [("synchronous", "2")] : []) {
            let found = try read(pragma, of: database)
            // A library built without memory mapping answers nothing there.
            if found == value || (pragma == "mmap_size" && found == nil) { continue }
            throw StoreError.cannotOpen(
                path: path,
                reason: "PRAGMA \(pragma) is \(found ?? "absent") where \(value) is needed for the store's promises")
        }
    }

    static func read(_ pragma: String, of database: Database) throws -> String? {
        try Row.fetchOne(database, sql: "PRAGMA \(pragma)").flatMap { row in
            (row[0] as DatabaseValue).isNull ? nil : "\((row[0] as DatabaseValue).description)"
        }.map { $0.trimmingQuotes }
    }
}

extension String {
    /// GRDB describes text values in quotes.
    fileprivate var trimmingQuotes: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}
