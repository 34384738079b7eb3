import Experimentation
import FeedbackLoop
import Store
import Testing
import Traffic
import Values

/// How a hold-back ends, and what people are told of it.
@Suite("Hold-back in the loop", .timeLimit(.minutes(1)))
struct HoldBackLoopTests {
    private static let experiment = "support-e-1"

    /// The candidate serves, and a share of the units is held back on the base model.
    private static func holdingBack() async throws -> LoopUnderTest {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        try await test.command(.promote)
        for _ in 0..<5 { try await test.step() }
        #expect(test.loop.arms.served == LoopUnderTest.candidate)
        #expect(try await test.store.experiment(id: experiment)?.ended == nil)
        return test
    }

    @Test("While it goes on the next thing is its end; taken back, its reason says by whom and what serves")
    func takenBack() async throws {
        let test = try await Self.holdingBack()
        let until = try #require(test.loop.view.state.holdBack?.until)
        #expect(test.loop.view.next.hasSuffix("; the hold-back support-e-1 goes on until \(until)"))
        #expect(test.loop.view.next.contains("no cycle begins by itself before"))
        try await test.command(.rollback)
        #expect(!test.loop.view.next.contains("hold-back") && !test.loop.view.next.contains("promoted"))
        let record = try #require(try await test.store.experiment(id: Self.experiment))
        #expect(record.decision == "stopped")
        #expect(record.reason == "rolled back by anna: test; the base model serves again")
    }

    @Test("A later experiment ends it, and its reason says which")
    func laterExperiment() async throws {
        let test = try await Self.holdingBack()
        try await test.addCandidate()
        try await test.command(.approve)
        #expect(test.loop.view.stateName == "experimenting" && test.loop.view.state.holdBack == nil)
        let record = try #require(try await test.store.experiment(id: Self.experiment))
        #expect(record.decision == "stopped" && record.reason == "a later experiment began: support-e-2")
        let events = try await test.store.undistributedEvents(limit: 100)
        let started = try #require(events.last { $0.type == "experiment.started" })
        #expect(try JSONValue(parsing: started.payload)["data"]?["experiment"] == "support-e-2")
    }

    @Test("Errors alone take it back for the guardrail, and for no ratings")
    func errors() async throws {
        let test = try await Self.holdingBack()
        for unit in 0..<120 { try await test.serve(unit, in: Self.experiment) }
        for _ in 0..<10 { try await test.step(seconds: 3600) }
        let state = test.loop.view.state
        #expect(state.serving.adapter == nil)
        #expect(
            state.serving.reason
                == "rolled back by hold-back: the guardrail errors is broken against the units held back on the earlier adapter"
        )
        #expect(try await test.store.experiment(id: Self.experiment)?.decision == "stopForHarm")
        let events = try await test.store.undistributedEvents(limit: 100)
        let event = try #require(events.last { $0.type == "adapter.rolled_back" })
        let data = try JSONValue(parsing: event.payload)["data"]
        #expect(data?["experiment"]?.stringValue == Self.experiment)
        #expect(data?["summary"]?.stringValue?.contains("the guardrail errors is broken") == true)
    }
}

extension LoopUnderTest {
    /// Another candidate waits for approval.
    fileprivate func addCandidate() async throws {
        let kept = try #require(try await store.loopState(deployment: "support"))
        var state = try StrictJSON.decode(LoopState.self, parsing: kept.value.bytes)
        let time = JSONValue.string(now.description)
        state.cycle = try StrictJSON.decode(
            Cycle.self,
            from: [
                "id": "support-c-2", "trigger": ["kind": "operator", "reason": "again", "actor": "anna"],
                "started": time, "since": time, "recentFrom": time, "candidate": "support-v2",
                "stage": ["awaitingApproval": ["reason": "gains"]],
            ])
        let bytes = try StrictJSON.encodeBytes(state)
        _ = try await store.commit(
            LoopCommit(
                deployment: "support",
                state: .init(expectedRevision: kept.revision, value: VersionedValue(version: 1, bytes: bytes))))
        try await reopen()
    }

    /// A unit of an experiment asks once: every other one is answered by the candidate, and that fails.
    fileprivate func serve(_ unit: Int, in experiment: String) async throws {
        let isCandidate = unit.isMultiple(of: 2)
        let arm = isCandidate ? ExperimentData.Arm.candidate : .incumbent
        _ = try await store.enrol(
            Enrolments(assignments: [
                AssignmentRecord(
                    experiment: experiment, unit: "unit-\(unit)", arm: arm.rawValue, time: now, exposure: 0.05)
            ]))
        _ = try await store.append([
            .interaction(
                LoggedInteraction(
                    interaction: Interaction(
                        id: "h-\(unit)", deployment: "support", time: now, unit: "unit-\(unit)",
                        messages: [Message(role: "user", content: .text("query \(unit)"))],
                        response: isCandidate ? nil : "Label", error: isCandidate ? "it fell over" : nil,
                        adapter: isCandidate ? Self.candidate : "support"),
                    keyID: "k1", bodyHash: Array(repeating: 1, count: 32), record: "sha256:h-\(unit)",
                    received: now, redactedResponse: [], redactions: [:], fromGateway: true))
        ])
    }
}
