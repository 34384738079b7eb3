import Contracts
import Foundation
import OutboundHTTP
import Testing
import Values

@Suite("DaemonJob: a job that is killed, or hits its ceiling of memory, dies alone", .serialized)
struct DaemonJobTests {
    private static func yaml(_ folder: String, training: String = "") -> String {
        """
        engine: {servingThreads: 1}
        deployments:
          - name: support
            mode: propose
            model: \(folder)/base
            drift: {referenceQueries: 100000}
            cycle: {gathering: 200ms}
            gate: {enabled: false}
            experiment: {lookInterval: 200ms}
            training: {parameterBudget: 20%, leastCorrections: 20, epochs: 6, impactMessages: 64\(training)}
        """
    }

    /// A daemon with a small base and enough rated traffic, old and new, to train on; returns the ids of it.
    private static func daemon(training: String = "") async throws -> (RunningDaemon, [String]) {
        let daemon = try RunningDaemon("")
        try EngineJobFixture.writeBase(daemon.folder + "/base")
        try daemon.configure(yaml(daemon.folder, training: training))
        try await daemon.start()
        let now = Date()
        let rows = EngineJobFixture.rows(1600)
        var ids: [String] = []
        for start in stride(from: 0, to: rows.count, by: 800) {
            var interactions: [JSONValue] = []
            var ratings: [JSONValue] = []
            for index in start..<start + 800 {
                let days: Double = index < 800 ? 60 : 2
                let time = JSONValue.string((now - days * 86_400).ISO8601Format())
                let words = rows[index].messages.last?.content ?? ""
                ids.append("i\(index)")
                interactions.append([
                    "id": .string("i\(index)"), "deployment": "support", "time": time,
                    "unit": .string("u\(index % 97)"),
                    "messages": [["role": "user", "content": .string("\(words), number \(index)")]],
                    "response": "no idea",
                ])
                ratings.append([
                    "id": .string("r\(index)"), "deployment": "support", "interaction": .string("i\(index)"),
                    "time": time, "value": 0, "correction": .string(rows[index].answer),
                ])
            }
            #expect(try await daemon.post("/v1/interactions", .array(interactions)).status == 200)
            #expect(try await daemon.post("/v1/ratings", .array(ratings)).status == 200)
        }
        return (daemon, ids)
    }

    private static func state(_ daemon: RunningDaemon) async throws -> String {
        try await daemon.view()["cycle"]?["state"]?.stringValue ?? ""
    }

    /// Reason of the newest turn of the loop.
    private static func reason(_ daemon: RunningDaemon) async throws -> String {
        let cycles = try await daemon.send("GET", "/v1/deployments/support/cycles").json["cycles"]?.arrayValue
        return cycles?.first.map { String(decoding: $0.serialized, as: UTF8.self) } ?? ""
    }

    /// The folder of the training job under way, once it has a checkpoint and runs.
    private static func trainingJob(_ daemon: RunningDaemon) async throws -> String {
        let jobs = daemon.folder + "/state/jobs"
        var found = ""
        try await daemon.wait("a checkpoint of a training job") {
            guard try await state(daemon) == "training" else { return false }
            for name in (try? FileManager.default.contentsOfDirectory(atPath: jobs)) ?? []
            where mark("\(jobs)/\(name)") != nil && daemon.child("job") != nil {
                found = "\(jobs)/\(name)"
                return true
            }
            return false
        }
        return found
    }

    /// Changes with every checkpoint.
    private static func mark(_ job: String) -> UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: job + "/checkpoint/state")
        return attributes.flatMap { ($0[.systemFileNumber] as? NSNumber)?.uint64Value }
    }

    /// The newest line of progress of a phase: `seconds` of work are what is lost and done again.
    private static func progress(_ job: String) -> [JobProgress] {
        let lines = FileManager.default.contents(atPath: job + "/progress.jsonl")?.split(separator: 10) ?? []
        return lines.compactMap { try? StrictJSON.decode(JobProgress.self, parsing: Array($0)) }
    }

    @Test func `a training job that is killed goes on from its checkpoint and costs no record`() async throws {
        var (daemon, ids) = try await Self.daemon()
        #expect(try await daemon.act("retrain").status == 202)
        let job = try await Self.trainingJob(daemon)
        let first = try #require(Self.mark(job))
        // What was reported while the older checkpoint was still there is older than the newer one.
        // Steps of the training go on over all rates; those of a held-out pass begin anew with each.
        var before: JobProgress?
        try await daemon.wait("the next checkpoint") {
            let newest = Self.progress(job).last { $0.phase == "train" }
            if Self.mark(job) != first { return true }
            before = newest
            return false
        }
        let reported = Self.progress(job).count
        let killed = try #require(daemon.child("job"))
        kill(killed, SIGKILL)
        #expect(try await daemon.log("meanwhile").status == 200)
        ids.append("meanwhile")
        var after: JobProgress?
        try await daemon.wait("the next run") {
            after = Self.progress(job).dropFirst(reported).first { $0.phase == "train" }
            return after != nil || !FileManager.default.fileExists(atPath: job)
        }
        if let before, let after { #expect(after.step >= before.step, "\(after) after \(before)") }
        try await daemon.wait("the end of the training") { try await Self.state(daemon) == "awaitingApproval" }
        let adapters = try await daemon.send("GET", "/v1/deployments/support/adapters").json["adapters"]
        #expect(adapters?.arrayValue?.count == 1)
        #expect(try await daemon.loggedIDs() == ids)
        #expect(try await daemon.ask().headers["retuned-adapter"] == "support")
    }

    @Test func `a job that hits its ceiling dies alone; the incumbent serves on and the reason is said`() async throws {
        let (daemon, ids) = try await Self.daemon()
        try await daemon.wait("the engine") { try await daemon.ask().status == 200 }
        #expect(try await daemon.act("retrain").status == 202)
        _ = try await Self.trainingJob(daemon)
        let job = try #require(daemon.child("job"))
        // From now on no page more is given to it.
        let limit = Process()
        limit.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
        limit.arguments = ["--pid", "\(job)", "--data=4096:4096"]
        try limit.run()
        limit.waitUntilExit()
        #expect(limit.terminationStatus == 0)
        try await daemon.wait("the end of the cycle") { try await Self.state(daemon) == "watching" }
        let reason = try await Self.reason(daemon)
        #expect(reason.contains("ran out of its memory budget"), "\(reason)")
        let answer = try await daemon.ask()
        #expect(answer.status == 200 && answer.headers["retuned-adapter"] == "support")
        #expect(try await daemon.loggedIDs().filter { $0.hasPrefix("i") } == ids)
        #expect(try await daemon.log("after").status == 200)
    }

    @Test func `a job whose estimate is over its ceiling is refused before it starts`() async throws {
        let (daemon, _) = try await Self.daemon(training: ", memoryBytes: 67108864")
        #expect(try await daemon.act("retrain").status == 202)
        try await daemon.wait("the end of the cycle") { try await Self.reason(daemon).contains("refused") }
        let reason = try await Self.reason(daemon)
        #expect(reason.contains("MiB of memory here, the budget is 64 MiB"), "\(reason)")
        #expect(try await daemon.log("after").status == 200)
    }
}
