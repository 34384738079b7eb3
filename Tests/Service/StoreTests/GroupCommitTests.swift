import Foundation
import Store
import Testing
import Traffic

@Suite("Store group commit")
struct StoreGroupCommitTests {
    /// Many callers share a commit and so a sync, and what was answered is in the files at that instant: a copy of them,
    /// taken without closing (what `kill -9` leaves), opens and holds everything.
    @Test func callersShareACommitAndEveryAnswerIsKept() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let before = store.statistics
        let callers = 64
        let each = 25
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for index in 0..<each {
                        let outcome = try await store.append([
                            .interaction(Samples.interaction("\(caller)-\(index)"))
                        ])
                        guard case .accepted = outcome[0] else {
                            Issue.record("record \(caller)-\(index) was \(outcome[0])")
                            return
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let statistics = store.statistics
        #expect(statistics.operations - before.operations == callers * each)
        // 64 callers that each wait for their answer: a commit holds many of them. Half is far from what is measured.
        #expect(statistics.commits - before.commits < callers * each / 2)

        let copy = folder.path + "/copy"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in ["retuned.sqlite", "retuned.sqlite-wal"] {
            try FileManager.default.copyItem(atPath: folder.path + "/state/" + name, toPath: copy + "/" + name)
        }
        let opened = try DurableStore(folder: copy, options: Samples.options)
        #expect(try await opened.counts(deployment: "support").interactions == callers * each)
        #expect(try await opened.integrityProblems(thorough: true) == [])
        try await opened.close()
        try await store.close()
    }

    /// A refused operation costs those that share its commit nothing.
    @Test func aRefusalStandsAlone() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([.interaction(Samples.interaction("taken"))])
        let conflicts = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<100 {
                group.addTask {
                    do {
                        _ = try await store.append([
                            .interaction(Samples.interaction("i\(index)")),
                            .interaction(Samples.interaction(index.isMultiple(of: 2) ? "taken" : "j\(index)", hash: 5)),
                        ])
                        return false
                    } catch StoreError.conflict(1, "taken") {
                        return true
                    } catch {
                        Issue.record("\(error)")
                        return true
                    }
                }
            }
            return await group.reduce(into: 0) { count, failed in count += failed ? 1 : 0 }
        }
        #expect(conflicts == 50)
        #expect(try await store.counts(deployment: "support").interactions == 1 + 50 * 2)
        try await store.close()
    }

    /// The write-ahead log is moved into the database by the writer, so it does not grow without end.
    @Test func theWriterCheckpoints() async throws {
        let folder = try TemporaryFolder()
        let store = try DurableStore(
            folder: folder.path + "/state", options: StoreOptions(ballastBytes: 0, checkpointBytes: 1 << 18))
        let text = String(repeating: "x", count: 4000)
        for batch in 0..<50 {
            _ = try await store.append(
                (0..<20).map { .interaction(Samples.interaction("\(batch)-\($0)", text: text)) })
        }
        let health = try await store.health()
        #expect(health.databaseBytes > 2 << 20)
        // One commit of 20 rows beyond the limit at most, and what SQLite adds to it.
        #expect(health.writeAheadLogBytes < 1 << 20)
        try await store.close()
    }
}
