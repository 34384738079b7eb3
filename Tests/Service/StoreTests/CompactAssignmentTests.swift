import Foundation
import GRDB
import Store
import Testing
import Traffic
import Values

@Suite("Store compact assignments")
struct CompactAssignmentTests {
    private static let first = "00112233445566778899aabbccddeeff"
    private static let second = "ffeeddccbbaa99887766554433221100"

    /// The table as versions before wrote it.
    private static let formerTable = """
        DROP TABLE difficulties;
        ALTER TABLE looks DROP COLUMN difficulties;
        DROP TABLE assignments;
        DELETE FROM sqlite_sequence WHERE name = 'assignments';
        CREATE TABLE assignments (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            experiment TEXT NOT NULL REFERENCES experiments (id),
            unit TEXT NOT NULL,
            arm TEXT NOT NULL,
            time INTEGER NOT NULL,
            exposure REAL NOT NULL,
            conversation TEXT,
            excluded TEXT,
            UNIQUE (experiment, unit)
        ) STRICT;
        CREATE INDEX assignments_unit ON assignments (unit);
        ALTER TABLE assignments ADD COLUMN enrolled_as TEXT;
        ALTER TABLE assignments ADD COLUMN interactions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE assignments ADD COLUMN ratings INTEGER NOT NULL DEFAULT 0;
        DELETE FROM grdb_migrations WHERE identifier IN ('10 compact assignments', '11 difficulties');
        """

    /// Rows with gaps between them, of units of either form, with and without what may be absent.
    private var formerRows: [(sequence: Int64, record: AssignmentRecord)] {
        var rows: [(sequence: Int64, record: AssignmentRecord)] = [
            (3, Samples.assignment(Self.first, arm: "candidate")),
            (4, Samples.assignment("odd unit", arm: "incumbent", at: 7)),
            (5, Samples.assignment(Self.first, arm: "incumbent", experiment: "e-2")),
            (9, Samples.assignment(Self.second, arm: "candidate", at: 9)),
            (11, Samples.assignment(Self.second.uppercased(), arm: "incumbent")),
        ]
        rows[0].record.conversation = Self.first
        rows[1].record.excluded = "asked for it"
        rows[2].record.exposure = 1.0 / 3
        (rows[3].record.enrolledAs, rows[3].record.exposure) = (Self.first, 1)
        (rows[4].record.enrolledAs, rows[4].record.exposure) = ("odd unit", 0)
        rows[4].record.conversation = "conversation"
        return rows
    }

    private func file(of folder: TemporaryFolder) throws -> DatabaseQueue {
        try DatabaseQueue(path: folder.path + "/state/retuned.sqlite")
    }

    /// A closed store with two experiments.
    private func prepared(_ folder: TemporaryFolder) async throws {
        let store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment("e-1"), Samples.experiment("e-2")]
        try await store.commit(commit)
        try await store.close()
    }

    /// Every row of a former file is there afterwards, as it was; who is erased then leaves no byte in either form.
    @Test func aFormerFileIsTakenOver() async throws {
        let folder = try TemporaryFolder()
        try await prepared(folder)
        let rows = formerRows
        let queue = try file(of: folder)
        try await queue.write { database in
            try database.execute(sql: Self.formerTable)
            for (sequence, row) in rows {
                try database.execute(
                    sql: "INSERT INTO assignments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        sequence, row.experiment, row.unit, row.arm, row.time.milliseconds, row.exposure,
                        row.conversation, row.excluded, row.enrolledAs, sequence * 1000, sequence * 100,
                    ])
            }
            // An erasure had taken the rows behind.
            try database.execute(sql: "UPDATE sqlite_sequence SET seq = 40 WHERE name = 'assignments'")
        }
        try queue.close()

        var store = try Samples.store(folder)
        for experiment in ["e-1", "e-2"] {
            let expected = rows.filter { $0.record.experiment == experiment }
            let found = try await store.assignments(experiment: experiment, limit: 100)
            #expect(found.map(\.assignment) == expected.map(\.record))
            #expect(found.map(\.sequence) == expected.map(\.sequence))
        }
        #expect(try await store.integrityProblems(thorough: true) == [])
        try await store.close()
        let after = try file(of: folder)
        try await after.read { database in
            let ends = try Row.fetchAll(
                database, sql: "SELECT seq, interactions, ratings FROM assignments ORDER BY seq")
            #expect(
                ends.map { [$0[0] as Int64, $0[1], $0[2]] }
                    == rows.map { [$0.sequence, $0.sequence * 1000, $0.sequence * 100] })
            let forms = try String.fetchAll(
                database, sql: "SELECT typeof(unit) || typeof(exposure) FROM assignments ORDER BY seq")
            #expect(forms == ["blobinteger", "textinteger", "blobreal", "blobinteger", "textinteger"])
            #expect(
                try !String.fetchAll(database, sql: "SELECT name FROM sqlite_schema").contains("assignments_before"))
        }
        try after.close()

        store = try Samples.store(folder)
        _ = try await store.enrol(Enrolments(assignments: [Samples.assignment("later", arm: "candidate")]))
        #expect(try await store.assignments(experiment: "e-1", limit: 100).last?.sequence == 41)
        // Only by its first pseudonym, then by both: as it was asked for.
        #expect(try await store.erase(units: [Self.first]).assignments == 2)
        #expect(try await store.erase(units: [Self.first, Self.second]).assignments == 1)
        #expect(try await store.experiment(id: "e-1")?.erasedUnits == 2)
        #expect(try await store.experiment(id: "e-2")?.erasedUnits == 1)
        #expect(
            try await store.assignments(experiment: "e-1", limit: 100).map(\.assignment.unit)
                == ["odd unit", Self.second.uppercased(), "later"])
        let bytes = try [Self.first, Self.second].flatMap { text in
            [Data(text.utf8), Data(try #require(CompactPseudonym(text).bytes))]
        }
        for (name, contents) in try folder.bytes(in: "state", prefix: "retuned.sqlite") {
            for form in bytes { #expect(contents.range(of: form) == nil, "\(name)") }
        }
        try await store.close()
    }

    /// What would make two rows of one unit, or none of an arm, is refused by the file itself.
    @Test func theSchemaKeepsOneFormAUnit() async throws {
        let folder = try TemporaryFolder()
        try await prepared(folder)
        let queue = try file(of: folder)
        try await queue.write { database in
            func insert(_ unit: String, arm: Int = 0) throws {
                try database.execute(
                    sql: """
                        INSERT INTO assignments (experiment, unit, arm, time, exposure, interactions, ratings)
                        VALUES (1, \(unit), \(arm), 0, 500, 0, 0)
                        """)
            }
            try insert("x'\(Self.first)'")
            try insert("'\(Self.first.uppercased())'")
            for unit in ["x'\(Self.first)'", "'\(Self.first)'", "x'00'", "7"] {
                #expect(throws: DatabaseError.self, "\(unit)") { try insert(unit) }
            }
            #expect(throws: DatabaseError.self) { try insert("'u'", arm: 2) }
        }
        try queue.close()
        let store = try Samples.store(folder)
        await #expect(throws: StoreError.self) {
            _ = try await store.enrol(Enrolments(assignments: [Samples.assignment("u", arm: "third")]))
        }
        #expect(try await store.assignments(experiment: "e-1", limit: 9).count == 2)
        try await store.close()
    }

    /// Space in the file for each unit, table and index, in the middle of a log of millions of rows.
    @Test(arguments: [(false, false), (true, false), (false, true)])
    func aUnitCostsLessThanAHundredBytes(hasConversation: Bool, hasDifficulty: Bool) async throws {
        let (units, batch) = (20_000, 500)
        let folder = try TemporaryFolder()
        try await prepared(folder)
        let queue = try file(of: folder)
        try await queue.write { database in
            for (table, end) in [
                ("interactions", 3_000_000), ("ratings", 2_000_000), ("assignments", 500_000),
                ("difficulties", 500_000),
            ] {
                try database.execute(
                    sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table, end])
            }
            try database.execute(sql: "UPDATE experiments SET seq = 200 WHERE id = 'e-1'")
        }
        try queue.close()
        let keys = try PseudonymKeys(
            credential: PseudonymKeys.credential(id: "k1", secret: Array(repeating: 7, count: 32)))
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("i")), .rating(Samples.rating("r", of: "i")),
        ])
        let before = try await used(store)
        for start in stride(from: 0, to: units, by: batch) {
            let assignments = (start..<start + batch).map { number in
                var assignment = Samples.assignment(
                    keys.pseudonym(of: "\(number)", kind: .unit, deployment: "support"),
                    arm: number.isMultiple(of: 2) ? "candidate" : "incumbent", at: Double(number))
                if hasConversation {
                    assignment.conversation = keys.pseudonym(
                        of: "\(number)", kind: .conversation, deployment: "support")
                }
                return assignment
            }
            _ = try await store.enrol(Enrolments(assignments: assignments))
            guard hasDifficulty else { continue }
            var commit = LoopCommit(deployment: "support")
            commit.difficulties = assignments.map {
                DifficultyRecord(
                    experiment: "e-1", unit: $0.unit, nats: 0.2 + Double($0.time.milliseconds % 1999) / 1000)
            }
            try await store.commit(commit)
        }
        let grown = Double(try await used(store) - before) / Double(units)
        try await store.close()
        let closed = try file(of: folder)
        try await closed.vacuum()
        let compact = try await closed.writeWithoutTransaction { database in
            let full = try Self.bytesInUse(database)
            try database.execute(sql: "DELETE FROM difficulties; DELETE FROM assignments; VACUUM")
            return Double(full - (try Self.bytesInUse(database))) / Double(units)
        }
        try closed.close()
        let kind =
            "\(hasConversation ? "with" : "without") a conversation\(hasDifficulty ? ", with a difficulty," : "")"
        print("measured: a unit \(kind) takes \(compact) bytes after VACUUM, \(grown) without")
        #expect(compact < 100 && grown < 100)
    }

    private func used(_ store: DurableStore) async throws -> Int {
        try await store.emptyWriteAheadLog()
        let queue = try DatabaseQueue(path: store.folder + "/retuned.sqlite")
        defer { try? queue.close() }
        return try await queue.read(Self.bytesInUse)
    }

    private static func bytesInUse(_ database: Database) throws -> Int {
        func pragma(_ name: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? 0 }
        return (try pragma("page_count") - pragma("freelist_count")) * (try pragma("page_size"))
    }
}
