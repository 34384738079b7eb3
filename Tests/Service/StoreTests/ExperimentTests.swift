import Store
import Testing
import Traffic

@Suite("Store experiments")
struct StoreExperimentTests {
    private func started(_ folder: TemporaryFolder) async throws -> DurableStore {
        let store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment()]
        try await store.commit(commit)
        return store
    }

    @Test func anArmStaysWhatItWas() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        let first = Samples.assignment("u-1", arm: "candidate")
        let turn = ConversationRecord(
            deployment: "support", conversation: "v-1", unit: "u-1", arm: "candidate", adapter: "support-v2",
            time: Samples.start)
        let enrolments = Enrolments(assignments: [first], conversations: [turn])
        #expect(try await store.enrol(enrolments) == enrolments)
        var later = turn
        later.adapter = "support-v1"
        #expect(
            try await store.enrol(
                Enrolments(
                    assignments: [Samples.assignment("u-1", arm: "incumbent", at: 9)], conversations: [later]))
                == enrolments)
        // Also when it comes with the gateway's row.
        _ = try await store.append(
            [.interaction(Samples.interaction("g", conversation: "v-1"))],
            enrolments: Enrolments(
                assignments: [
                    Samples.assignment("u-1", arm: "incumbent"), Samples.assignment("u-2", arm: "incumbent"),
                ], conversations: [later]))
        #expect(try await store.assignment(experiment: "e-1", units: ["old:u-1", "u-1"]) == first)
        #expect(try await store.assignment(experiment: "e-1", units: ["nobody"]) == nil)
        #expect(try await store.conversation(deployment: "support", conversations: ["v-1"]) == turn)
        #expect(try await store.exclude(experiment: "e-1", unit: "u-2", reason: "moved"))
        #expect(try await store.exclude(experiment: "e-1", unit: "u-9", reason: "moved") == false)
        let first2 = try await store.assignments(experiment: "e-1", limit: 1)
        #expect(first2.map(\.assignment.unit) == ["u-1"])
        let rest = try await store.assignments(experiment: "e-1", after: first2[0].sequence, limit: 9)
        #expect(rest.map(\.assignment.excluded) == ["moved"])
        try await store.close()
    }

    @Test func aLookSeesWhatItSaw() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        _ = try await store.enrol(
            Enrolments(assignments: [
                Samples.assignment("c", arm: "candidate", at: 100), Samples.assignment("i", arm: "incumbent", at: 100),
            ]))
        _ = try await store.append([
            .interaction(Samples.interaction("before", at: 50, unit: "c", adapter: "support-v2")),
            .interaction(Samples.interaction("c1", at: 150, unit: "c", adapter: "support-v2")),
            // Served by another adapter than the arm's: it says nothing of the arm.
            .interaction(Samples.interaction("c2", at: 160, unit: "c", adapter: "support-v1")),
            .interaction(Samples.interaction("i1", at: 150, unit: "i", adapter: "support-v1")),
            .interaction(Samples.interaction("i2", at: 170, unit: "i", response: nil, adapter: "support-v1")),
            .interaction(Samples.interaction("none", at: 150, unit: "c", adapter: nil)),
            .interaction(Samples.interaction("outside", at: 150, unit: "x", adapter: "support-v2")),
            .rating(Samples.rating("r1", of: "c1", at: 200)),
            .rating(Samples.rating("r2", of: "i1", at: 200, rater: "other", value: .number(0))),
            .rating(Samples.rating("r3", of: "before", at: 200)), .rating(Samples.rating("r4", of: "c2", at: 200)),
            .rating(Samples.rating("r5", of: "none", at: 200)), .rating(Samples.rating("r6", of: "outside", at: 200)),
        ])
        let look = try await store.position()
        _ = try await store.append([.rating(Samples.rating("r7", of: "c1", at: 300, value: .number(0)))])

        let all = try await store.experimentRatings(experiment: "e-1", limit: 100)
        #expect(all.map(\.id) == ["r1", "r2", "r7"])
        #expect(all.map(\.arm) == ["candidate", "incumbent", "candidate"])
        #expect(all.map(\.rater) == ["c", "other", "c"])
        #expect(all.map(\.value) == [.number(1), .number(0), .number(0)])
        let now = try await store.experimentRatings(experiment: "e-1", onlyCounting: true, limit: 100)
        #expect(now.map(\.id) == ["r2", "r7"])
        let then = try await store.experimentRatings(
            experiment: "e-1", position: look, onlyCounting: true, limit: 100)
        #expect(then.map(\.id) == ["r1", "r2"])
        let paged = try await store.experimentRatings(
            experiment: "e-1", after: all[0].sequence, limit: 1)
        #expect(paged.map(\.id) == ["r2"])

        let interactions = try await store.experimentInteractions(experiment: "e-1", limit: 100)
        #expect(interactions.map(\.id) == ["c1", "i1", "i2"])
        #expect(interactions.map(\.failed) == [false, false, true])
        #expect(interactions.map(\.latencyMilliseconds) == [84.1, 84.1, 84.1])
        try await store.close()
    }
}
