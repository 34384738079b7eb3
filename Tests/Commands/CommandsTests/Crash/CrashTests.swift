import Foundation
import Testing
import Values
import retuned_demo

@Suite("Crash: killed at random instants, nothing that was accepted is lost")
struct CrashTests {
    /// One turn of the loop with the real processes; `make crash-test N=200` is the long version.
    @Test func `a turn of the loop survives a kill in each phase`() throws {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
                + "/retuned-demo")
        process.arguments = ["crash", "--short", "--kills", "4", "--seed", "3"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("RESULT kills=4 lost=0 twice=0 impossible=0 ended=promoted"), "\(text)")
    }

    private func row(_ place: Int, _ id: String, _ record: String = "sha256:a") -> JSONValue {
        ["seq": .integer(Int64(place)), "id": .string(id), "record": .string(record)]
    }

    @Test func `the log's mirror sees what is lost, twice, torn and changed`() {
        var mirror = LogMirror(.interactions)
        #expect(mirror.take(row(1, "a")) + mirror.take(row(2, "b")) == [])
        #expect(mirror.missing(of: ["a", "b"]) == [])
        #expect(mirror.missing(of: ["a", "b", "c"]).map(\.kind) == [.lost])
        #expect(mirror.torn(of: [["x", "y"], ["a", "b"]]) == [])
        #expect(mirror.torn(of: [["a", "x"]]).map(\.kind) == [.impossible])
        #expect(mirror.take(row(3, "a")).map(\.kind) == [.twice])
        #expect(mirror.take(row(3, "d")).map(\.kind) == [.impossible])
        var later = LogMirror(.interactions)
        _ = later.take(row(1, "a", "sha256:other"))
        #expect(Set(later.changes(since: mirror).map(\.kind)) == [.lost, .impossible])
    }

    @Test func `a training may go back to its last checkpoint and no further`() {
        var training = TrainingSteps()
        var tooFar = (0..<10).map { training.saw($0 * 7, in: "c-1", at: Double($0)) }
        training.killed(at: 9.5)
        tooFar.append(training.saw(50, in: "c-1", at: 11))
        #expect(training.again == 13)
        training.killed(at: 11.5)
        #expect(!tooFar.contains(true))
        tooFar = [training.saw(20, in: "c-1", at: 12), training.saw(0, in: "c-2", at: 13)]
        #expect(tooFar == [true, false])
    }

    private func cycle(_ id: String, _ states: [String], adapter: String? = nil, ended: String? = nil) -> JSONValue {
        var object = JSONObject([
            .init(name: "id", value: .string(id)),
            .init(
                name: "steps",
                value: .array(
                    states.enumerated().map { place, state in
                        ["state": .string(state), "time": .string("2026-01-01T00:00:0\(place)Z")]
                    })),
            .init(name: "state", value: .string(ended ?? states.last ?? "")),
        ])
        if let adapter { object["adapter"] = .string(adapter) }
        if ended != nil { object["ended"] = "2026-01-01T00:01:00Z" }
        return .object(object)
    }

    private static let whole = [
        "probing", "estimating", "training", "gating", "experimenting", "promoting", "watching",
    ]

    private func verifier(
        _ cycles: [JSONValue], adapters: [String] = ["support-v1"], serving: String? = "support-v1"
    ) -> LoopVerifier {
        LoopVerifier(
            cycles: cycles, adapters: adapters.map { ["name": .string($0), "cycle": "c-1"] }, experiments: [],
            deployment: serving.map { ["serving": ["adapter": .string($0)]] } ?? [:])
    }

    @Test func `a legal history is no fault, and what no history leads to is one`() {
        let good = cycle("c-1", Self.whole, adapter: "support-v1", ended: "watching")
        #expect(verifier([good]).impossibilities == [])
        let twice = cycle(
            "c-1", Self.whole.dropLast() + ["promoting", "watching"], adapter: "support-v1", ended: "watching")
        #expect(verifier([twice]).impossibilities == ["c-1: promoting follows promoting"])
        let unfinished = cycle("c-1", Self.whole, adapter: "support-v1")
        #expect(!verifier([unfinished]).impossibilities.isEmpty)
        #expect(!verifier([good], adapters: ["support-v1", "support-v1"]).impossibilities.isEmpty)
        #expect(!verifier([good], serving: "support-v2").impossibilities.isEmpty)
        let judged = cycle("c-1", Array(Self.whole.prefix(4)) + ["watching"], adapter: "support-v1", ended: "rejected")
        #expect(verifier([judged]).impossibilities == ["support-v1 serves and was never promoted"])
    }

    @Test func `news that is missing, told twice or of nothing is a fault`() {
        let good = verifier([cycle("c-1", Self.whole, adapter: "support-v1", ended: "watching")])
        var news = ["adapter.trained", "experiment.started", "adapter.promoted"].map {
            LoopVerifier.News(type: $0, cycle: "c-1")
        }
        #expect(good.disagreements(with: news, rollbacks: 0).isEmpty)
        #expect(good.disagreements(with: Array(news.dropLast()), rollbacks: 0).map(\.isTwice) == [false])
        #expect(good.disagreements(with: news, rollbacks: 1).map(\.isTwice) == [false])
        #expect(good.disagreements(with: news + [news[2]], rollbacks: 0).map(\.isTwice) == [true])
        news.append(LoopVerifier.News(type: "cycle.failed", cycle: "c-9"))
        #expect(good.disagreements(with: news, rollbacks: 0).count == 1)
    }
}
