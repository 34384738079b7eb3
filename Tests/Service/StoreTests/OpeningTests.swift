import Foundation
import GRDB
import Locking
import Store
import Testing

@Suite("Store opening")
struct StoreOpeningTests {
    @Test func settingsAreReadBack() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let settings = try await store.settings()
        let expected = [
            "journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "trusted_schema": "0",
            "cell_size_check": "1", "wal_autocheckpoint": "0", "foreign_keys": "1", "auto_vacuum": "2",
        ]
        for (pragma, value) in expected {
            #expect(settings.writer[pragma] == value, "writer: \(pragma)")
            #expect(settings.reader[pragma] == value, "reader: \(pragma)")
        }
        // Absent where SQLite was built without memory mapping.
        #expect((settings.writer["mmap_size"] ?? "0") == "0")
        let health = try await store.health()
        #expect(health.synchronousFull && health.acceptsIngest && health.failure == nil)
        try await store.close()
    }

    @Test func onlyTheOwnerMayRead() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/state", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        let store = try Samples.store(folder)
        _ = try await store.append([.interaction(Samples.interaction("a"))])
        #expect(try folder.permissions("state") == 0o700)
        for name in ["retuned.sqlite", "retuned.sqlite-wal", "retuned.sqlite-shm", "lock", "ballast"] {
            #expect(try folder.permissions("state/" + name) == 0o600, "\(name)")
        }
        try await store.close()
    }

    @Test func aSecondOpenerIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        #expect(throws: StoreError.locked(path: folder.path + "/state")) { try Samples.store(folder) }
        _ = try await store.append([.interaction(Samples.interaction("a"))])
        try await store.close()
        let again = try Samples.store(folder)
        #expect(try await again.counts(deployment: "support").interactions == 1)
        try await again.close()
    }

    @Test func aForeignFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/state", withIntermediateDirectories: true)
        try Data(repeating: 0x41, count: 8192).write(
            to: URL(fileURLWithPath: folder.path + "/state/retuned.sqlite"))
        let error = #expect(throws: StoreError.self) { try Samples.store(folder) }
        guard case .unusable = error else {
            Issue.record("expected unusable, found \(String(describing: error))")
            return
        }
    }

    /// Another program's database is left as it is.
    @Test func aDatabaseOfAnotherProgramIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/state", withIntermediateDirectories: true)
        let path = folder.path + "/state/retuned.sqlite"
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE songs (title TEXT)") }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try Samples.store(folder) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        guard case .unusable(_, let reason) = error else {
            Issue.record("expected unusable, found \(String(describing: error))")
            return
        }
        #expect(reason.contains("another program"))
        let again = try DatabaseQueue(path: path)
        let tables = try again.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") }
        #expect(tables == ["songs"])
    }

    /// A row that was changed by hand names itself, and not what it holds.
    @Test func aDamagedRowIsNamed() async throws {
        let folder = try TemporaryFolder()
        var store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment()]
        _ = try await store.commit(commit)
        try await store.close()
        let queue = try DatabaseQueue(path: folder.path + "/state/retuned.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE experiments SET design = '{\"my secret'") }
        try queue.close()
        let failures = Locked<[StoreError]>([])
        store = try DurableStore(
            folder: folder.path + "/state",
            options: StoreOptions(ballastBytes: 0, onFailure: { error in failures.withLock { $0.append(error) } }))
        let expected = StoreError.damaged(what: "design of e-1 is not what was written")
        await #expect(throws: expected) { _ = try await store.experiment(id: "e-1") }
        #expect(failures.withLock { $0 } == [expected] && expected.isFatal && expected.isLasting)
        try? await store.close()
    }

    @Test func aClosedStoreSaysSo() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        try await store.close()
        await #expect(throws: StoreError.closed) {
            try await store.append([.interaction(Samples.interaction("a"))])
        }
        await #expect(throws: StoreError.closed) { try await store.position() }
    }

    /// ThreadSanitizer sees here whether the pool is asked while it closes.
    @Test func readsBesideClosingEndOrAreRefused() async throws {
        for _ in 0..<20 {
            let folder = try TemporaryFolder()
            let store = try Samples.store(folder)
            let readers = (0..<8).map { _ in
                Task {
                    var isOpen = true
                    while isOpen {
                        do { _ = try await store.position() } catch StoreError.closed { isOpen = false }
                    }
                }
            }
            _ = try await store.append([.interaction(Samples.interaction("a"))])
            try await store.close()
            for reader in readers { try await reader.value }
        }
    }

    @Test func everyTableAndColumnIsDocumented() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        try await store.close()
        let document = try String(contentsOfFile: "docs/store.md", encoding: .utf8)
        let queue = try DatabaseQueue(path: folder.path + "/state/retuned.sqlite")
        try await queue.read { database in
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_schema
                    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
                    """)
            #expect(tables.count == 26)
            for table in tables {
                guard let start = document.range(of: "### `\(table)`") else {
                    Issue.record("docs/store.md has no section on \(table)")
                    continue
                }
                let rest = document[start.upperBound...]
                let section = rest[..<(rest.range(of: "\n##")?.lowerBound ?? rest.endIndex)]
                for column in try database.columns(in: table) {
                    #expect(section.contains("`\(column.name)`"), "\(table).\(column.name)")
                }
            }
        }
    }

    /// Another program can read the file, check it and write to it: the schema needs no function of ours.
    @Test func otherProgramsCanOpenTheFile() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment()]
        commit.enrolments.assignments = [Samples.assignment("0123456789abcdef0123456789abcdef", arm: "candidate")]
        try await store.commit(commit)
        try await store.close()
        let queue = try DatabaseQueue(path: folder.path + "/state/retuned.sqlite")
        try await queue.write { database in
            #expect(
                try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE tbl_name = 'assignments'")
                    == ["assignments", "assignments_unit"])
            let unit = try String.fetchOne(database, sql: "SELECT lower(hex(unit)) FROM assignments")
            #expect(unit == "0123456789abcdef0123456789abcdef")
            #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
            try database.execute(sql: "UPDATE assignments SET unit = x'\(String(repeating: "07", count: 16))'")
            try database.execute(sql: "REINDEX; DELETE FROM assignments")
        }
        try queue.close()
    }

    /// A damaged file is noticed when it is read; from then on the store answers nothing and says it once.
    @Test func damageIsFatal() async throws {
        let folder = try TemporaryFolder()
        var store = try Samples.store(folder)
        let text = String(repeating: "long text ", count: 300)
        _ = try await store.append(
            (0..<200).map { .interaction(Samples.interaction("i\($0)", text: text)) })
        try await store.close()

        let path = folder.path + "/state/retuned.sqlite"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: size / 2)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size / 2)))
        try file.close()

        let failures = Locked<[StoreError]>([])
        store = try DurableStore(
            folder: folder.path + "/state",
            options: StoreOptions(ballastBytes: 0, onFailure: { error in failures.withLock { $0.append(error) } }))
        #expect(try await store.integrityProblems().isEmpty == false)
        await #expect(throws: StoreError.self) {
            _ = try await store.interactions(deployment: "support", limit: 1000)
        }
        let error = await #expect(throws: StoreError.self) {
            try await store.append([.interaction(Samples.interaction("new"))])
        }
        #expect(error?.isFatal == true)
        #expect(failures.withLock { $0.count } == 1)
    }
}
