import Contracts
import Foundation
import Testing
import Values

@Suite("EngineJob: job folders carried out by the real process", .serialized)
struct EngineJobTests {
    /// A trained adapter, for the tests that need one; made once for each that asks.
    func trained(_ body: (EngineJobFixture) throws -> Void) throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(320), as: .train)
        try fixture.write(EngineJobFixture.rows(64, offset: 1000), as: .heldout)
        try fixture.write(fixture.job(.train))
        let ending = try fixture.run()
        try #require(ending.status == 0 && ending.signal == nil, "\(ending)")
        try body(fixture)
    }

    @Test func `train, then evaluate, then train on top`() throws {
        try trained { fixture in
            let result = try fixture.result()
            #expect(result.status == .done)
            #expect(result.trainedParameters == 4 * (64 + 96) * 2)
            let metrics = result.metrics
            let before = try #require(metrics["heldoutLossBefore"])
            #expect(try #require(metrics["heldoutLossAfter"]) < before - 0.5)
            for name in ["steps", "stepSeconds", "fullStepSeconds", "learningRate", "trainedTokens", "truncatedRows"] {
                #expect(metrics[name] != nil, "\(name)")
            }
            #expect(try !fixture.bytes("estimate.json").isEmpty)
            for line in try fixture.bytes("progress.jsonl").split(separator: 10) {
                _ = try StrictJSON.decode(JobProgress.self, parsing: Array(line))
            }
            let probe = try StrictJSON.decode(
                AdapterProbe.self, parsing: Array(try fixture.bytes("result/adapter/probe.json")))
            #expect(probe.logProbabilities.allSatisfy { $0 <= 0 } && !probe.logProbabilities.isEmpty)
            // It outlives erasure, so no word of a row is in it.
            #expect(probe.messages.map(\.content) == ["Hello. What can you help me with today?"])

            let next = try EngineJobFixture(copying: fixture)
            defer { next.remove() }
            for name in ["incumbent", "candidate"] {
                try FileManager.default.copyItem(
                    atPath: fixture.folder + "/result/adapter", toPath: next.folder + "/" + name)
            }
            try next.write(EngineJobFixture.rows(40, offset: 2000), as: .heldout)
            try next.write(EngineJobFixture.rows(40, offset: 3000), as: .old)
            try next.write(next.job(.evaluate, candidate: "candidate"))
            #expect(try next.run().status == 0)
            let answers = try next.bytes("result/answers.jsonl").split(separator: 10).map {
                try StrictJSON.decode(EvaluatedAnswer.self, parsing: Array($0))
            }
            #expect(answers.count == 160)
            func mean(_ arm: EvaluatedAnswer.Arm) -> Double {
                let all = answers.filter { $0.arm == arm }
                return all.reduce(0) { $0 + $1.logLikelihood } / Double(all.reduce(0) { $0 + $1.tokens })
            }
            #expect(mean(.candidate) > mean(.incumbent) + 0.5)
            #expect(answers.allSatisfy { $0.tokens >= 2 && $0.logLikelihood < 0 })

            try FileManager.default.removeItem(atPath: next.folder + "/result")
            try next.write(next.job(.train, incumbent: "incumbent"))
            #expect(try next.run().status == 0)
            let second = try next.result()
            #expect(second.metrics["continuesIncumbent"] == 1)
            let after = try #require(metrics["heldoutLossAfter"])
            #expect(abs(try #require(second.metrics["heldoutLossBefore"]) - after) < 0.3, "it starts where v1 stood")
        }
    }

    /// Each kind is killed at two instants drawn from the length of its whole run, and then left alone.
    @Test(arguments: [JobDescription.Kind.train, .impact, .evaluate])
    func `killed at any instant it resumes to the same bytes`(kind: JobDescription.Kind) throws {
        let whole = try EngineJobFixture()
        defer { whole.remove() }
        try whole.write(EngineJobFixture.rows(900), as: .train)
        try whole.write(EngineJobFixture.rows(kind == .evaluate ? 500 : 48, offset: 5000), as: .heldout)
        try whole.write(whole.job(kind))
        let ending = try whole.run()
        #expect(ending.status == 0 && ending.signal == nil, "\(ending)")
        #expect(try whole.result().status == .done)
        var state: UInt64 = 2026
        var seconds = ending.seconds
        for _ in 0..<8 {
            let killed = try EngineJobFixture(copying: whole)
            defer { killed.remove() }
            var kills = 0
            for _ in 0..<2 where !killed.hasResult {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let share = 0.1 + 0.8 * Double(state >> 11) * 0x1p-53
                if try killed.run(signal: SIGKILL, after: share * seconds).signal == SIGKILL { kills += 1 }
            }
            // Other tests beside the whole run can make it twice as long as this one: then it was done before.
            guard kills > 0 else {
                seconds /= 2
                continue
            }
            if !killed.hasResult { #expect(try killed.run().status == 0) }
            #expect(try killed.made() == whole.made())
            return
        }
        Issue.record("\(kind) was done each time before it was killed")
    }

    /// A daemon that is killed just after it started a job leaves nobody who carries it out beside the next daemon's.
    @Test func `a job whose parent has ended does not begin`() throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(64), as: .train)
        try fixture.write(EngineJobFixture.rows(48, offset: 1000), as: .heldout)
        try fixture.write(fixture.job(.impact))
        // No process has this number: it is beyond the kernel's largest.
        let orphan = try fixture.run(parent: 1 << 30)
        #expect(orphan.status == 75 && orphan.signal == nil, "\(orphan)")
        #expect(!fixture.hasResult && !FileManager.default.fileExists(atPath: fixture.folder + "/progress.jsonl"))
        #expect(try fixture.run(parent: getpid()).status == 0)
    }

    @Test func `SIGTERM leaves a checkpoint, and the next run goes on from it`() throws {
        let whole = try EngineJobFixture()
        defer { whole.remove() }
        try whole.write(EngineJobFixture.rows(900), as: .train)
        try whole.write(whole.job(.train))
        let interrupted = try EngineJobFixture(copying: whole)
        defer { interrupted.remove() }
        #expect(try whole.run().status == 0)
        let ending = try interrupted.run(signal: SIGTERM, inPhase: "train")
        #expect(ending.signal == nil && ending.status == 75, "\(ending)")
        print("measured: a job left \(ending.seconds) s after SIGTERM")
        #expect(!interrupted.hasResult)
        #expect(FileManager.default.fileExists(atPath: interrupted.folder + "/checkpoint/state"))
        #expect(try interrupted.run().status == 0)
        #expect(try interrupted.made() == whole.made())
        // CPU seconds of both runs count.
        #expect(try interrupted.result().cpuSeconds > whole.result().cpuSeconds * 0.7)
    }

    @Test func `a file named cancel ends the job, finally`() throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(2400), as: .train)
        try fixture.write(fixture.job(.train, cpuSeconds: 1e6, epochs: 500))
        let ending = try fixture.run(after: 1.5) {
            _ = FileManager.default.createFile(atPath: fixture.folder + "/cancel", contents: nil)
        }
        #expect(ending.status == 0 && ending.signal == nil, "\(ending)")
        print("measured: a job was cancelled in \(ending.seconds) s")
        #expect(try fixture.result().status == .cancelled)
    }

    @Test func `a job over its budget is refused before it starts`() throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(640), as: .train)
        try fixture.write(fixture.job(.train, cpuSeconds: 5, epochs: 1000))
        #expect(try fixture.run().status == 0)
        let result = try fixture.result()
        #expect(result.status == .refused)
        #expect(try #require(result.reason).contains("of CPU here, the budget is 5.0 s"))
        let estimate = try StrictJSON.decode(JobEstimate.self, parsing: Array(try fixture.bytes("estimate.json")))
        #expect(estimate.refused == result.reason && estimate.cpuSeconds > 5)
    }

    /// A ceiling that leaves room for the engine itself but not for the base: the process ends alone, by SIGABRT.
    @Test func `the ceiling of memory ends the job alone, and one below the engine's own need is refused`() throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        try fixture.write(EngineJobFixture.rows(20_000), as: .train)
        try fixture.write(fixture.job(.train, memoryBytes: 1_000_000))
        #expect(try fixture.run().status == 0)
        #expect(try fixture.result().status == .refused)
        let estimate = try StrictJSON.decode(JobEstimate.self, parsing: Array(try fixture.bytes("estimate.json")))
        try FileManager.default.removeItem(atPath: fixture.folder + "/result")
        try fixture.write(fixture.job(.train, memoryBytes: estimate.memoryBytes + 2_000_000))
        let ending = try fixture.run()
        #expect(ending.signal == SIGABRT, "\(ending)")
        #expect(!fixture.hasResult)
    }

    @Test(arguments: [
        ("not json", "job.json cannot be used"), (#"{"v":1}"#, "job.json cannot be used"),
        (#"{"unknown":1,"#, "unknown"), (#"{"v":2,"#, "version 1"),
    ])
    func `a wrong description fails in a sentence`(text: String, expected: String) throws {
        let fixture = try EngineJobFixture()
        defer { fixture.remove() }
        var bytes = Array(text.utf8)
        if text.hasSuffix(",") {
            // The field put in front of, or in place of, the first of a description that is right otherwise.
            let right = String(decoding: try StrictJSON.encodeBytes(fixture.job(.train)), as: UTF8.self)
            bytes = Array((text + right.dropFirst(text.contains("\"v\"") ? 7 : 1)).utf8)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: fixture.folder + "/job.json"))
        let ending = try fixture.run()
        #expect(ending.status == 0 && ending.signal == nil)
        let result = try fixture.result()
        #expect(result.status == .failed)
        #expect(try #require(result.reason).contains(expected), "\(result.reason ?? "")")
        #expect(ending.errors.contains(expected))
    }

    @Test func `a truncated adapter, another base and a bad row fail in a sentence`() throws {
        try trained { fixture in
            func failure(_ change: (EngineJobFixture) throws -> Void) throws -> String {
                let other = try EngineJobFixture(copying: fixture)
                defer { other.remove() }
                try FileManager.default.copyItem(
                    atPath: fixture.folder + "/result/adapter", toPath: other.folder + "/incumbent")
                try other.write(other.job(.train, incumbent: "incumbent"))
                try change(other)
                #expect(try other.run().status == 0)
                let result = try other.result()
                #expect(result.status == .failed)
                return try #require(result.reason)
            }
            let truncated = try failure { other in
                let path = other.folder + "/incumbent/adapter_model.safetensors"
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                try data.prefix(data.count - 10).write(to: URL(fileURLWithPath: path))
            }
            #expect(truncated.contains("adapter_model.safetensors"), "\(truncated)")
            let base = try failure { other in
                var job = try other.job(.train)
                job.baseDigest = "sha256:00"
                try other.write(job)
            }
            #expect(base.contains("sha256:00"), "\(base)")
            let row = try failure { other in
                let path = other.folder + "/data/train.jsonl"
                try Data("{\"record\": 1}\n".utf8).write(to: URL(fileURLWithPath: path))
            }
            #expect(row.contains("data/train.jsonl, line 1") && row.contains("record"), "\(row)")
        }
    }

    @Test func `a damaged checkpoint is no checkpoint`() throws {
        let whole = try EngineJobFixture()
        defer { whole.remove() }
        try whole.write(EngineJobFixture.rows(320), as: .train)
        try whole.write(whole.job(.train))
        let damaged = try EngineJobFixture(copying: whole)
        defer { damaged.remove() }
        #expect(try whole.run().status == 0)
        try FileManager.default.createDirectory(
            atPath: damaged.folder + "/checkpoint", withIntermediateDirectories: true)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: damaged.folder + "/checkpoint/state"))
        #expect(try damaged.run().status == 0)
        #expect(try damaged.made() == whole.made())
    }

    @Test func `no folder is status 66, and a final job is left as it is`() throws {
        try trained { fixture in
            let before = try fixture.bytes("result/result.json")
            #expect(try fixture.run().status == 0)
            #expect(try fixture.bytes("result/result.json") == before)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: EngineJobFixture.executable)
            process.arguments = ["job", fixture.folder + "/nowhere"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 66)
        }
    }
}
