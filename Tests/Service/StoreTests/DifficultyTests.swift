import Store
import Testing
import Traffic
import Values

@Suite("Store difficulties of first queries")
struct StoreDifficultyTests {
    private func started(_ folder: TemporaryFolder) async throws -> DurableStore {
        let store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment(), Samples.experiment("e-2")]
        try await store.commit(commit)
        _ = try await store.append([.interaction(Samples.interaction("before", at: 10, unit: "c", text: "Before?"))])
        _ = try await store.enrol(
            Enrolments(assignments: [
                Samples.assignment("c", arm: "candidate", at: 100), Samples.assignment("i", arm: "incumbent", at: 100),
                Samples.assignment("c", arm: "incumbent", experiment: "e-2", at: 160),
            ]))
        return store
    }

    private func write(_ records: [DifficultyRecord], to store: DurableStore) async throws {
        var commit = LoopCommit(deployment: "support")
        commit.difficulties = records
        try await store.commit(commit)
    }

    @Test("They stand in the order in which they were written, each experiment's own, to a thousandth")
    func order() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        try await write(
            [
                DifficultyRecord(experiment: "e-1", unit: "i", nats: 1.23456),
                DifficultyRecord(experiment: "e-2", unit: "c", nats: 2),
                DifficultyRecord(experiment: "e-1", unit: "nobody", nats: 3),
            ], to: store)
        let position = try await store.lookPosition().position
        try await write([DifficultyRecord(experiment: "e-1", unit: "c", nats: nil)], to: store)
        let all = try await store.difficulties(experiment: "e-1", limit: 9)
        #expect(all.map(\.unit) == ["i", "c"])
        #expect(all.map(\.nats) == [1.235, nil])
        #expect(all.map(\.arm) == ["incumbent", "candidate"])
        #expect(try await store.difficulties(experiment: "e-2", limit: 9).map(\.nats) == [2])
        let then = try await store.difficulties(experiment: "e-1", through: position.difficulties, limit: 9)
        #expect(then.map(\.unit) == ["i"])
        let later = try await store.difficulties(experiment: "e-1", after: position.difficulties, limit: 9)
        #expect(later.map(\.unit) == ["c"])
        try await store.close()
    }

    @Test("The first query is the one with the earliest time of those that were logged since the enrolment")
    func firstQuery() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        func first(_ unit: String, _ experiment: String = "e-1") async throws -> String? {
            try await store.firstQuery(experiment: experiment, unit: unit)?.logged.interaction.id
        }
        #expect(try await first("c") == nil)
        _ = try await store.append([
            .interaction(Samples.interaction("old", at: 50, unit: "c")),
            .interaction(Samples.interaction("late", at: 170, unit: "c")),
            .interaction(Samples.interaction("early", at: 150, unit: "c", adapter: "support-v2")),
            .interaction(Samples.interaction("other", at: 140, unit: "i")),
        ])
        #expect(try await first("c") == "old")
        #expect(try await first("c", "e-2") == "old")
        #expect(try await first("i") == "other")
        #expect(try await first("nobody") == nil)
        try await store.close()
    }

    @Test("They go with the unit, and no number is given again")
    func erasure() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        try await write(
            [
                DifficultyRecord(experiment: "e-1", unit: "i", nats: 1),
                DifficultyRecord(experiment: "e-1", unit: "c", nats: 2),
            ], to: store)
        let before = try await store.lookPosition().position.difficulties
        _ = try await store.erase(units: ["c"])
        #expect(try await store.difficulties(experiment: "e-1", limit: 9).map(\.unit) == ["i"])
        try await write([DifficultyRecord(experiment: "e-1", unit: "i", nats: 3)], to: store)
        #expect(try await store.difficulties(experiment: "e-1", after: before, limit: 9).map(\.nats) == [3])
        try await store.close()
    }
}
