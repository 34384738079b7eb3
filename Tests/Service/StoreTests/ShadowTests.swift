import Foundation
import Store
import Testing
import Traffic
import Values

@Suite("Store shadow replays")
struct StoreShadowTests {
    private static let cycle = "c-1"

    private static func record() -> ShadowRecord {
        ShadowRecord(
            cycle: cycle, deployment: "support", incumbent: "support-v1", candidate: "support-v2",
            design: .object(JSONObject()), started: Samples.start)
    }

    private static func begun(_ store: DurableStore, units: [String]) async throws -> [ShadowQuery] {
        for (index, unit) in units.enumerated() {
            _ = try await store.append([
                .interaction(Samples.interaction("i-\(index)", at: Double(index), unit: unit, text: "query \(unit)"))
            ])
        }
        let queries = try await store.shadowQueries(
            cycle: cycle, deployment: "support", candidate: "support-v2", limit: 100)
        var commit = LoopCommit(deployment: "support")
        commit.shadows = [record()]
        commit.shadowQueries = queries
        try await store.commit(commit)
        return queries
    }

    private static func answer(_ pair: Int64, _ kind: ShadowAnswer.Kind, _ text: String, _ store: DurableStore)
        async throws
    {
        var commit = LoopCommit(deployment: "support")
        commit.shadowAnswers = [ShadowAnswer(pair: pair, kind: kind, text: text)]
        try await store.commit(commit)
    }

    /// The newest query of a unit that can be asked again; units of the candidate's training rows last.
    @Test func queriesAreTheNewestOfEachUnit() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        var pictures = Samples.interaction("parts", unit: "u-1")
        pictures.interaction.messages = [
            Message(role: "system", content: .text("be brief")),
            Message(role: "user", content: .parts(.array([.string("a picture")]))),
        ]
        _ = try await store.append([
            .interaction(Samples.interaction("a", unit: "u-1")), .interaction(Samples.interaction("b", unit: "u-2")),
            .interaction(Samples.interaction("c", unit: "u-3")), .interaction(Samples.interaction("d", unit: "u-1")),
            .interaction(Samples.interaction("failed", unit: "u-2", response: nil)), .interaction(pictures),
            .interaction(Samples.interaction("nobody", unit: nil)),
            .interaction(Samples.interaction("other", deployment: "other", unit: "u-9")),
        ])
        var commit = LoopCommit(deployment: "support")
        commit.adapters = [Samples.adapter(2)]
        commit.lineage = [
            LineageRecord(adapter: "support-v2", record: "r", interaction: "d", set: .train, weight: 1, unit: "u-1"),
            LineageRecord(adapter: "support-v2", record: "s", interaction: "b", set: .heldout, weight: 1, unit: "u-2"),
        ]
        try await store.commit(commit)
        func queries(_ limit: Int) async throws -> [String] {
            try await store.shadowQueries(
                cycle: Self.cycle, deployment: "support", candidate: "support-v2", limit: limit
            ).map { "\($0.unit) \($0.interaction) \($0.isTrained)" }
        }
        #expect(try await queries(10) == ["u-3 3 false", "u-2 2 false", "u-1 4 true"])
        #expect(try await queries(2) == ["u-3 3 false", "u-2 2 false"])
        try await store.close()
    }

    @Test func pairsAreAnsweredAndJudged() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await Self.begun(store, units: ["u-1", "u-2", "u-3"])
        let first = try #require(try await store.unansweredShadowPair(cycle: Self.cycle))
        #expect(first.number == 1 && first.interaction.logged.interaction.unit == "u-3")
        try await Self.answer(first.sequence, .incumbent, "one", store)
        #expect(try await store.unansweredShadowPair(cycle: Self.cycle)?.incumbentAnswer == "one")
        #expect(try await store.judgeableShadowNumbers(cycle: Self.cycle).isEmpty)
        try await Self.answer(first.sequence, .candidate, "two", store)
        let second = try #require(try await store.unansweredShadowPair(cycle: Self.cycle))
        try await Self.answer(second.sequence, .failure, "too long", store)
        #expect(try await store.unansweredShadowPair(cycle: Self.cycle)?.number == 3)
        let numbers = try await store.judgeableShadowNumbers(cycle: Self.cycle)
        #expect(numbers == [1: first.sequence])

        func judge(_ name: String, _ value: Double, at seconds: Double) async throws -> Bool {
            try await store.judge(
                [
                    ShadowJudgement(
                        pair: first.sequence, judge: name, value: value,
                        time: Samples.start.advanced(bySeconds: seconds))
                ], cycle: Self.cycle)
        }
        #expect(try await judge("anna", 1, at: 10))
        #expect(try await judge("anna", 0, at: 20))
        #expect(try await judge("anna", 1, at: 15))
        #expect(try await judge("bert", 0.5, at: 5))
        let standing = try await store.shadowStanding(cycle: Self.cycle)
        #expect(standing.answered.map(\.unit) == ["u-3"] && standing.answered.map(\.judgements) == [[0, 0.5]])
        #expect(standing.pairs == 3 && standing.failed == 1 && !standing.isComplete)
        #expect(
            try await store.judgeableShadowPairs(cycle: Self.cycle, unjudgedBy: "anna", limit: 9).isEmpty)
        #expect(
            try await store.judgeableShadowPairs(cycle: Self.cycle, unjudgedBy: "carl", limit: 9).map(\.number) == [1])
        #expect(
            try await store.judgeableShadowPairs(cycle: Self.cycle, unjudgedBy: nil, limit: 9).map(\.number) == [1])

        var ended = try #require(try await store.shadow(cycle: Self.cycle))
        (ended.ended, ended.decision, ended.look) = (Samples.start, "promote", .object(JSONObject()))
        var commit = LoopCommit(deployment: "support")
        commit.shadows = [ended]
        try await store.commit(commit)
        #expect(try await store.shadow(cycle: Self.cycle) == ended)
        #expect(try await judge("anna", 1, at: 30) == false)
        #expect(try await store.shadowStanding(cycle: Self.cycle) == standing)
        try await store.close()
    }

    /// Answers and judgements go with the person, and with the interaction that retention takes.
    @Test func pairsGoWithTheirInteraction() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await Self.begun(store, units: ["u-1", "u-2", "u-3"])
        for _ in 0..<3 {
            let pair = try #require(try await store.unansweredShadowPair(cycle: Self.cycle))
            let unit = pair.interaction.logged.interaction.unit ?? ""
            try await Self.answer(pair.sequence, .incumbent, "CANARY-\(unit)", store)
            try await Self.answer(pair.sequence, .candidate, "CANARY-\(unit) too", store)
            let judgement = ShadowJudgement(pair: pair.sequence, judge: "anna", value: 1, time: Samples.start)
            #expect(try await store.judge([judgement], cycle: Self.cycle))
        }
        #expect(try await store.shadowPairs(deployment: "support", units: ["u-2"]).map(\.pair.number) == [2])
        _ = try await store.erase(units: ["u-2"])
        var standing = try await store.shadowStanding(cycle: Self.cycle)
        #expect(standing.answered.map(\.unit) == ["u-3", "u-1"] && standing.pairs == 2 && standing.isComplete)
        for (name, bytes) in try folder.bytes(in: "state", prefix: "retuned.sqlite") {
            #expect(bytes.range(of: Data("CANARY-u-2".utf8)) == nil, "\(name)")
        }
        // The first query, of u-1, is older.
        _ = try await store.deleteLog(deployment: "support", before: Samples.start.advanced(bySeconds: 1))
        standing = try await store.shadowStanding(cycle: Self.cycle)
        #expect(standing.answered.map(\.unit) == ["u-3"] && standing.answered.map(\.judgements) == [[1]])
        // A judge is a person too.
        _ = try await store.erase(units: ["anna"], deployment: "other")
        #expect(try await store.shadowStanding(cycle: Self.cycle) == standing)
        _ = try await store.erase(units: ["anna"])
        standing = try await store.shadowStanding(cycle: Self.cycle)
        #expect(standing.answered.map(\.judgements) == [[]])
        #expect(try await store.integrityProblems(thorough: true) == [])
        // What comes back for a pair that is gone is dropped.
        try await Self.answer(2, .candidate, "late", store)
        #expect(
            try await store.judge(
                [ShadowJudgement(pair: 2, judge: "a", value: 1, time: Samples.start)], cycle: Self.cycle))
        #expect(try await store.shadowStanding(cycle: Self.cycle) == standing)
        try await store.close()
    }
}
