import Experimentation
import FeedbackLoop
import Locking
import Serving
import Settings
import Store
import Testing
import Traffic
import Values

/// The incumbent is asked how difficult the first queries of rated units are, beside the steps of an experiment.
@Suite("Difficulty of first queries in the loop", .timeLimit(.minutes(5)))
struct DifficultyLoopTests {
    private static let experiment = LoopUnderTest.experiment

    /// An experiment under way.
    private static func comparing() async throws -> LoopUnderTest {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0, isComparing: true)
        for _ in 0..<3 { try await test.step() }
        #expect(test.loop.arms.comparison != nil)
        return test
    }

    private static func arm(_ unit: Int) -> ExperimentData.Arm { unit.isMultiple(of: 2) ? .incumbent : .candidate }

    /// Units that are enrolled and ask twice in a conversation, the second time with the arm's answer before it; some rate.
    private static func serve(
        _ units: Range<Int>, rated: Range<Int>, clockBehind seconds: Double = 0, in test: LoopUnderTest
    ) async throws {
        for unit in units {
            let served = arm(unit) == .candidate ? LoopUnderTest.candidate : "support"
            _ = try await test.store.enrol(
                Enrolments(assignments: [
                    AssignmentRecord(
                        experiment: experiment, unit: "unit-\(unit)", arm: arm(unit).rawValue, time: test.now,
                        exposure: 0.5)
                ]))
            for turn in 0..<2 {
                var messages = [
                    Message(role: "system", content: .text("be brief")),
                    Message(role: "user", content: .text("query \(unit)")),
                ]
                if turn == 1 {
                    messages += [
                        Message(role: "assistant", content: .text("answer of \(served)")),
                        Message(role: "user", content: .text("and then?")),
                    ]
                }
                try await log(
                    "\(test.now.milliseconds)-\(unit)-\(turn)", unit, messages, served,
                    at: test.now.advanced(bySeconds: Double(turn) - seconds), isRated: rated.contains(unit), in: test)
            }
        }
    }

    private static func log(
        _ id: String, _ unit: Int, _ messages: [Message], _ served: String, at time: Timestamp, isRated: Bool,
        in test: LoopUnderTest
    ) async throws {
        let interaction = Interaction(
            id: "i-\(id)", deployment: "support", time: time, unit: "unit-\(unit)", messages: messages,
            response: "Label", adapter: served)
        var entries: [LogEntry] = [
            .interaction(
                LoggedInteraction(
                    interaction: interaction, keyID: "k1", bodyHash: Array(repeating: 1, count: 32),
                    record: "sha256:i-\(id)", received: test.now, redactedResponse: [], redactions: [:],
                    fromGateway: false))
        ]
        if isRated {
            entries.append(
                .rating(
                    LoggedRating(
                        rating: Rating(
                            id: "r-\(id)", deployment: "support", interaction: "i-\(id)", time: time, scale: "thumb",
                            value: .number(unit % 3 == 0 ? 0 : 1)),
                        keyID: "k1", bodyHash: Array(repeating: 1, count: 32), record: "sha256:r-\(id)",
                        received: test.now, redactedCorrection: [], redactions: [:])))
        }
        _ = try await test.store.append(entries)
    }

    private static func known(_ test: LoopUnderTest) async throws -> [String: Double?] {
        let rows = try await test.store.difficulties(experiment: experiment, limit: 1000)
        #expect(Set(rows.map(\.unit)).count == rows.count)
        return Dictionary(rows.map { ($0.unit, $0.nats) }) { first, _ in first }
    }

    private static func newestLook(_ test: LoopUnderTest) async throws -> JSONValue? {
        try await test.store.looks(experiment: experiment).last?.result
    }

    /// Until the next look was taken.
    private static func look(_ test: LoopUnderTest) async throws -> JSONValue {
        let before = try await test.store.looks(experiment: experiment).count
        for _ in 0..<100 {
            try await test.step(seconds: 600)
            if try await test.store.looks(experiment: experiment).count > before { break }
        }
        return try #require(try await newestLook(test))
    }

    @Test("The incumbent alone is asked, of rated units alone, what they said first; no answer is in it")
    func asks() async throws {
        let test = try await Self.comparing()
        try await Self.serve(0..<30, rated: 0..<24, in: test)
        let look = try await Self.look(test)
        #expect(look["usesDifficulty"] == true)
        let expected = Set((0..<24).map { "support be brief | query \($0)" })
        #expect(Set(test.server.asked.withLock { $0 }) == expected)
        #expect(test.server.asked.withLock { $0.count } == 24)
        let known = try await Self.known(test)
        #expect(Set(known.keys) == Set((0..<24).map { "unit-\($0)" }) && known.values.allSatisfy { $0 == 0.1 })
        #expect(test.loop.view.difficulty?.asked == 24 && test.loop.view.difficulty?.waiting == 0)
    }

    @Test("An application whose clock is behind is asked for the same first query")
    func clocks() async throws {
        let test = try await Self.comparing()
        try await Self.serve(0..<6, rated: 0..<6, clockBehind: 0.8, in: test)
        _ = try await Self.look(test)
        #expect(Set(test.server.asked.withLock { $0 }) == Set((0..<6).map { "support be brief | query \($0)" }))
    }

    @Test("What is no mean of log-probabilities is no figure", arguments: [-1e300, 5, -Double.infinity, .nan, -101])
    func absurd(value: Double) async throws {
        let test = try await Self.comparing()
        test.server.surprises.withLock { $0["be brief | query 1"] = value }
        try await Self.serve(0..<4, rated: 0..<4, in: test)
        #expect(try await Self.look(test)["usesDifficulty"] == true)
        let expected: [String: Double?] = ["unit-0": 0.1, "unit-1": nil as Double?, "unit-2": 0.1, "unit-3": 0.1]
        #expect(try await Self.known(test) == expected)
    }

    @Test("A query that always makes trouble holds no other up, and is given up when others were answered meanwhile")
    func trouble() async throws {
        let test = try await Self.comparing()
        test.server.faults.withLock {
            $0["be brief | query 2"] = ServingFault(isRetryable: true, "it fell over")
        }
        try await Self.serve(0..<4, rated: 0..<4, in: test)
        for _ in 0..<4 { try await test.step(seconds: 15) }
        #expect(test.loop.view.difficulty?.waiting == 1 && test.loop.view.difficulty?.trouble == "it fell over")
        #expect(try await Self.known(test).count == 3)
        for round in 1..<4 {
            try await Self.serve(10 * round..<10 * round + 4, rated: 10 * round..<10 * round + 4, in: test)
            for _ in 0..<4 { try await test.step(seconds: 15) }
        }
        let known = try await Self.known(test)
        #expect(known.count == 16 && known["unit-2"] == .some(nil))
        #expect(try await Self.look(test)["usesDifficulty"] == true)
    }

    @Test("Where nobody else comes, a query that always makes trouble is given up too, as long as the server is there")
    func alone() async throws {
        let test = try await Self.comparing()
        test.server.faults.withLock {
            $0["be brief | query 2"] = ServingFault(isRetryable: true, "it fell over")
        }
        try await Self.serve(2..<3, rated: 2..<3, in: test)
        for _ in 0..<30 { try await test.step(seconds: 15) }
        #expect(try await Self.known(test) == ["unit-2": nil as Double?])
    }

    @Test("While nobody answers, looks are taken on time without; then with")
    func away() async throws {
        let test = try await Self.comparing()
        _ = try await Self.look(test)
        let before = try #require(try await test.store.looks(experiment: Self.experiment).last?.time)
        test.server.hangsAt.withLock { $0 = "answer" }
        try await Self.serve(0..<6, rated: 0..<6, in: test)
        #expect(try await Self.look(test)["usesDifficulty"] == false)
        let after = try #require(try await test.store.looks(experiment: Self.experiment).last?.time)
        // A tenth more than the interval, and the step that sees it.
        let interval = test.loop.context.settings.scaled(test.loop.context.deployment.experiment.lookInterval)
        #expect(after.seconds(since: before) <= 1.1 * interval + 600)
        try await test.command(.pause)
        try await test.command(.resume)
        test.server.hangsAt.withLock { $0 = nil }
        #expect(try await Self.look(test)["usesDifficulty"] == true)
    }

    @Test("Who is erased and comes back is asked again")
    func erasure() async throws {
        let test = try await Self.comparing()
        try await Self.serve(0..<4, rated: 0..<4, in: test)
        #expect(try await Self.look(test)["usesDifficulty"] == true)
        _ = try await test.store.erase(units: ["unit-1"])
        try await Self.serve(1..<2, rated: 1..<2, in: test)
        #expect(try await Self.look(test)["usesDifficulty"] == true)
        #expect(try await Self.known(test).count == 4)
        #expect(test.server.asked.withLock { $0.count { $0.hasSuffix("query 1") } } == 2)
    }

    @Test("A restart asks nobody twice")
    func restart() async throws {
        let test = try await Self.comparing()
        try await Self.serve(0..<20, rated: 0..<20, in: test)
        _ = try await Self.look(test)
        try await test.reopen()
        try await Self.serve(20..<24, rated: 20..<24, in: test)
        #expect(try await Self.look(test)["usesDifficulty"] == true)
        #expect(test.server.asked.withLock { $0.count } == 24)
    }
}
