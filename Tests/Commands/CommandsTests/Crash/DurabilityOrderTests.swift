import Contracts
import Foundation
import Testing
import Values

/// SIGKILL loses nothing that the kernel has, so it cannot show a missing sync; the order of system calls can.
@Suite(
    "DurabilityOrder: what is promised is on the disk first",
    .enabled(if: TracedProcess.isAvailable, "strace is not there, or may not trace here"))
struct DurabilityOrderTests {
    private static let requests = 20

    /// A daemon with nothing to serve takes an adapter over, makes its key, and takes records one by one.
    @Test func `the daemon answers after the sync, and names files after their bytes`() async throws {
        let small = try SmallDaemon()
        defer { small.remove() }
        let folder = small.folder
        let daemon = try TracedProcess(
            "retuned", small.arguments, environment: small.environment(), trace: folder + "/trace")
        try await small.ready { daemon.isRunning }
        var accepted = 0
        for number in 0..<Self.requests {
            let record: JSONValue = [
                "id": .string("i-\(number)"), "deployment": "support", "time": "2026-05-01T09:30:00Z",
                "messages": [["role": "user", "content": "Where is my card?"]], "response": "card arrival",
            ]
            if try await small.call("POST", "/v1/interactions", record).status == 200 { accepted += 1 }
        }
        let trace = daemon.end()
        #expect(accepted == Self.requests)
        let answers = trace.answersBeforeCommit(log: folder + "/state/retuned.sqlite-wal")
        #expect(answers.accepting == Self.requests)
        #expect(answers.early == 0, "\(answers.early) answers went out before their records were synced")
        #expect(trace.renameProblems(in: folder + "/state") == [])
        let adapter = SyscallTrace.Call.rename(
            from: folder + "/state/adapters/support-v1.tmp", to: folder + "/state/adapters/support-v1")
        #expect(trace.calls.contains(adapter))
    }

    @Test func `a job names its checkpoint and its result after their bytes`() throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(320), as: .train)
        try fixture.write(EngineJobFixture.rows(48, offset: 1000), as: .heldout)
        try fixture.write(fixture.job(.train))
        let trace = try TracedProcess("retuned-engine", ["job", fixture.folder], trace: fixture.folder + ".trace")
            .wait()
        try? FileManager.default.removeItem(atPath: fixture.folder + ".trace")
        #expect(try fixture.result().status == .done)
        let folder = fixture.folder.replacing("//", with: "/")
        #expect(trace.renameProblems(in: folder) == [])
        #expect(
            trace.calls.contains { if case .rename(_, let to) = $0 { to == folder + "/result" } else { false } }
        )
    }

    /// The judge itself: traces of each mistake.
    @Test func `the order is judged`() {
        let right = SyscallTrace(
            text: """
                7 write(4</s/a.tmp>, "x", 1) = 1
                7 fsync(4</s/a.tmp> <unfinished ...>
                8 read(9<socket:[1]>, "POST /v1/interactions HTTP/1.1", 99) = 30
                8 pwrite64(5</s/wal>, "", 9, 0) = 9
                7 <... fsync resumed>) = 0
                7 rename("/s/a.tmp", "/s/a") = 0
                8 fdatasync(5</s/wal>) = 0
                8 writev(9<socket:[1]>, [{iov_base="{\\"accepted\\":1}", iov_len=14}], 1) = 14
                7 fsync(4</s>) = 0
                """)
        #expect(right.renameProblems(in: "/s") == [])
        #expect(right.answersBeforeCommit(log: "/s/wal") == (1, 0))
        let early = SyscallTrace(
            text: """
                7 write(4</s/a.tmp>, "x", 1) = 1
                7 rename("/s/a.tmp", "/s/a") = 0
                8 read(9<socket:[1]>, "POST /v1/interactions HTTP/1.1", 99) = 30
                8 pwrite64(5</s/wal>, "", 9, 0) = 9
                8 fdatasync(5</s/wal> <unfinished ...>
                9 writev(9<socket:[1]>, [{iov_base="{\\"accepted\\":1}", iov_len=14}], 1) = 14
                8 <... fdatasync resumed>) = 0
                """)
        #expect(
            early.renameProblems(in: "/s") == [
                "/s/a got its name before the bytes of /s/a.tmp were synced",
                "the folder /s was not synced after /s/a had got its name",
            ])
        #expect(early.answersBeforeCommit(log: "/s/wal") == (1, 1))
    }
}
