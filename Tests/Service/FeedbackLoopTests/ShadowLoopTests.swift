import Experimentation
import FeedbackLoop
import Locking
import Settings
import Store
import Testing
import Values

@Suite("Shadow replay in the loop")
struct ShadowLoopTests {
    private static let terms = ComparisonTerms(kind: .shadow)

    @Test("Judges decide: promoted with a hold-back, nobody was exposed")
    func promotes() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        try await test.step()
        #expect(test.loop.view.stateName == "awaitingApproval")
        try await test.command(.approve, terms: Self.terms)
        #expect(test.loop.view.stateName == "shadowing")
        for _ in 0..<30 {
            try await test.step()
            #expect(test.loop.arms.comparison == nil)
        }
        #expect(test.loop.view.next.contains("pairs are judged"))
        try await test.run()
        for _ in 0..<10 { try await test.step() }
        let state = test.loop.view.state
        #expect(state.serving.adapter == LoopUnderTest.candidate && state.holdBack != nil)
        #expect(state.serving.reason == "the shadow replay of support-c-1 promoted it")
        let record = try #require(try await test.store.shadow(cycle: LoopUnderTest.cycle))
        #expect(record.decision == "promote" && record.ended != nil)
        let part = try #require(
            try await test.store.dossier(cycle: LoopUnderTest.cycle).first { $0.name == "shadow" })
        #expect(part.value["decision"] == "promote" && part.value["look"]?["judgedUnits"]?.intValue ?? 0 >= 20)
        let events = try await test.store.undistributedEvents(limit: 100).map(\.type)
        #expect(events.filter { $0.hasPrefix("experiment.") } == ["experiment.started", "experiment.decided"])
        // Answers are redacted as at ingest, and a query that is not taken is given up.
        let pairs = try await test.store.judgeableShadowPairs(
            cycle: LoopUnderTest.cycle, unjudgedBy: nil, limit: 1000)
        #expect(!pairs.contains { ($0.incumbentAnswer ?? "").contains("example.com") })
        #expect(pairs.contains { ($0.incumbentAnswer ?? "").contains("write to") })
        // Who answers the same is alike without a judge.
        let standing = try await test.store.shadowStanding(cycle: LoopUnderTest.cycle)
        #expect(standing.alike > 0 && pairs.allSatisfy { $0.incumbentAnswer != $0.candidateAnswer })
        #expect(standing.answered.count { $0.judgements == [0.5] } == standing.alike)
    }

    @Test("A worse candidate is rolled back, an equal one ends undecided")
    func others() async throws {
        let worse = try await LoopUnderTest(candidate: 0)
        try await worse.command(.approve, terms: Self.terms)
        try await worse.run()
        #expect(worse.loop.view.state.lastEnd?.outcome == .rolledBack)
        #expect(worse.loop.view.state.lastEnd?.cause == .harm)
        #expect(worse.loop.view.state.serving.adapter == nil)

        let few = try await LoopUnderTest(candidate: 0.5, units: 30)
        try await few.command(.approve, terms: Self.terms)
        try await few.run()
        #expect(few.loop.view.state.lastEnd?.cause == .undecided)
        let standing = try await few.store.shadowStanding(cycle: LoopUnderTest.cycle)
        #expect(standing.pairs == 30 && standing.failed == 1 && standing.answered.count == 29)
    }

    @Test("After kills only what is missing is asked again, and the end is the same")
    func kills() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        try await test.command(.approve, terms: Self.terms)
        test.kills.withLock { $0 = true }
        try await test.run()
        for _ in 0..<20 { try await test.step() }
        #expect(test.loop.view.state.serving.adapter == LoopUnderTest.candidate)
        let asked = test.server.asked.withLock { $0 }
        #expect(Set(asked).count == asked.count)
        #expect(asked.count >= 40)
    }

    @Test("A server that is down is asked again; the pause holds; time ends it")
    func waits() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        test.server.isDown.withLock { $0 = true }
        try await test.command(.approve, terms: Self.terms)
        for _ in 0..<40 { try await test.step() }
        let tries = test.server.asked.withLock { $0.count }
        #expect((3...5).contains(tries))
        #expect(test.loop.view.next.contains("it is down"))
        try await test.command(.pause)
        test.server.isDown.withLock { $0 = false }
        for _ in 0..<40 { try await test.step() }
        #expect(test.server.asked.withLock { $0.count } <= tries + 1)
        try await test.command(.resume)
        for _ in 0..<300 { try await test.step() }
        let standing = try await test.store.shadowStanding(cycle: LoopUnderTest.cycle)
        #expect(standing.isComplete && standing.answered.count { $0.judgements.isEmpty } > 20)
        #expect(test.loop.view.stateName == "shadowing")
        try await test.step(seconds: 29 * 86_400)
        #expect(test.loop.view.state.lastEnd?.cause == .undecided)
    }

    @Test("What judges say is not told before it has ended; that the server is gone is told")
    func blind() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        test.server.isGone.withLock { $0 = true }
        try await test.command(.approve, terms: Self.terms)
        for _ in 0..<20 { try await test.step() }
        #expect(test.loop.view.next.contains("the serving back end is in trouble: it is gone"))
        test.server.isGone.withLock { $0 = false }
        for _ in 0..<300 { try await test.step() }
        try await test.command(.pause)
        // All is judged while the loop is paused.
        try await test.run(steps: 20)
        let record = try #require(try await test.store.shadow(cycle: LoopUnderTest.cycle))
        let (look, standing) = try await test.loop.shadowLook(of: record, at: test.now)
        #expect(standing.isComplete && look.decision == .promote && look.reason.contains("preferred at"))
        let next = test.loop.next(look, standing)
        #expect(next.hasSuffix("enough is judged, and the loop ends it at its next look"), "\(next)")
        #expect(DeploymentLoop.blindReason(look) == "enough is judged, and the loop ends it at its next look")
    }

    @Test("A server that hangs holds up no command, no look and no step", .timeLimit(.minutes(1)))
    func hangs() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        try await test.command(.approve, terms: Self.terms)
        test.server.isHanging.withLock { $0 = true }
        for _ in 0..<10 { try await test.step() }
        #expect(test.server.asked.withLock { $0.count } == 1)
        try await test.command(.pause)
        try await test.command(.resume)
        try await test.command(.cancel)
        #expect(test.loop.view.state.lastEnd?.outcome == .rejected)
        let record = try #require(try await test.store.shadow(cycle: LoopUnderTest.cycle))
        #expect(record.decision == "stopped" && record.look?["reason"]?.stringValue?.contains("anna") == true)
        await test.loop.waitForAnswer()
    }

    @Test("A query that the server falls over does not hold the others up")
    func hard() async throws {
        let test = try await LoopUnderTest(candidate: 0.95)
        test.server.isHard.withLock { $0 = ["query 119", "query 60"] }
        try await test.command(.approve, terms: Self.terms)
        for _ in 0..<300 { try await test.step() }
        let standing = try await test.store.shadowStanding(cycle: LoopUnderTest.cycle)
        #expect(standing.answered.count == 117 && standing.failed == 1 && !standing.isComplete)
        test.server.isHard.withLock { $0 = [] }
        for _ in 0..<60 { try await test.step() }
        #expect(try await test.store.shadowStanding(cycle: LoopUnderTest.cycle).isComplete)
    }

    @Test("It is offered where a server can answer, and only there")
    func offered() async throws {
        for hasServer in [true, false] {
            let test = try await LoopUnderTest(candidate: 0.5, units: 60, hasServer: hasServer)
            let design = ExperimentDesign(
                alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 60, leastStepUnits: 10,
                longestSeconds: 86_400, minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5,
                errorMargin: 0.02)
            let offers = try await test.loop.offers(
                design, ratingsPerSecond: 1e-6, variance: 0.2, starts: [0], mean: 0.7, gain: 0.01, hasUnits: true)
            #expect(offers.map(\.terms.kind) == (hasServer ? [.shadow] : []))
            #expect(offers.allSatisfy { $0.days == nil && $0.detail.contains("better on 60 logged queries") })
            var more = design
            more.burnInUnits = 70
            #expect(
                try await test.loop.offers(
                    more, ratingsPerSecond: 1e-6, variance: 0.2, starts: [0], mean: 0.7, gain: 0.01, hasUnits: true
                ).isEmpty)
        }
    }

    @Test("An operator ends it, with what it has found in the dossier; without a server it does not begin")
    func ended() async throws {
        for verb in [OperatorCommand.Verb.cancel, .reject] {
            let test = try await LoopUnderTest(candidate: 0.5)
            try await test.command(.approve, terms: Self.terms)
            for _ in 0..<5 { try await test.step() }
            try await test.command(verb)
            #expect(test.loop.view.stateName == "watching")
            #expect(test.loop.view.state.lastEnd?.outcome == .rejected)
            #expect(try await test.store.shadow(cycle: LoopUnderTest.cycle)?.decision == "stopped")
            let parts = try await test.store.dossier(cycle: LoopUnderTest.cycle)
            #expect(parts.contains { $0.name == "shadow" && $0.value["decision"] == "stopped" })
        }
        let few = try await LoopUnderTest(candidate: 0.5, units: 19)
        let refusal = await #expect(throws: CommandRefusal.self) { try await few.command(.approve, terms: Self.terms) }
        #expect(refusal?.description.contains("of 19 units") == true)
        let alone = try await LoopUnderTest(candidate: 0.5, hasServer: false)
        await #expect(throws: CommandRefusal.self) { try await alone.command(.approve, terms: Self.terms) }
    }
}
