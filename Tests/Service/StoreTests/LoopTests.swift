import Store
import Testing
import Values

@Suite("Store loop")
struct StoreLoopTests {
    private func everything(revision: Int64, state: UInt8) -> LoopCommit {
        var commit = LoopCommit(
            deployment: "support",
            state: .init(expectedRevision: revision, value: VersionedValue(version: 3, bytes: [state])))
        commit.cycles = [Samples.cycle("c-1")]
        commit.transitions = [
            TransitionRecord(
                deployment: "support", cycle: "c-1", from: "watching", to: "probing", time: Samples.start,
                actor: "loop", reason: "drift")
        ]
        commit.adapters = [Samples.adapter(1), Samples.adapter(2)]
        commit.experiments = [Samples.experiment()]
        commit.looks = [
            LookRecord(
                experiment: "e-1", number: 1, time: Samples.start,
                position: LookPosition(log: LogPosition(interactions: 4, ratings: 2), assignments: 3, difficulties: 5),
                result: .object(JSONObject()))
        ]
        commit.enrolments = Enrolments(assignments: [Samples.assignment("u-1", arm: "candidate")])
        commit.detectors = [
            DetectorRecord(
                deployment: "support", name: "features", value: VersionedValue(version: 1, bytes: [7, 8]),
                position: LogPosition(interactions: 4, ratings: 2))
        ]
        commit.dossier = [DossierPart(cycle: "c-1", name: "probe", value: .string("stale"))]
        commit.lineage = [
            LineageRecord(
                adapter: "support-v2", record: "sha256:a", interaction: "a", rating: "r", set: .train, weight: 1.5)
        ]
        commit.jobs = [JobRecord(id: "j-1", deployment: "support", cycle: "c-1", kind: "train", folder: "j-1")]
        commit.events = [Samples.event("msg_1")]
        commit.actions = [
            ActionRecord(
                deployment: "support", id: "act-1", created: Samples.start, request: .string("retrain"),
                result: .string("accepted"))
        ]
        return commit
    }

    @Test func aCommitWritesAllItsParts() async throws {
        let folder = try TemporaryFolder()
        var store = try Samples.store(folder)
        let commit = everything(revision: 0, state: 1)
        #expect(try await store.loopState(deployment: "support") == nil)
        #expect(try await store.commit(commit) == 1)
        try await store.close()

        store = try Samples.store(folder)
        #expect(
            try await store.loopState(deployment: "support")
                == LoopStateRecord(
                    deployment: "support", revision: 1, value: VersionedValue(version: 3, bytes: [1])))
        #expect(try await store.cycle(id: "c-1") == commit.cycles[0])
        #expect(try await store.cycles(deployment: "support") == commit.cycles)
        #expect(try await store.transitions(cycle: "c-1") == commit.transitions)
        #expect(try await store.transitions(deployment: "support") == commit.transitions)
        #expect(try await store.adapters(deployment: "support") == commit.adapters.reversed())
        #expect(try await store.adapter(name: "support-v2") == commit.adapters[1])
        #expect(try await store.experiment(id: "e-1") == commit.experiments[0])
        #expect(try await store.experiments(deployment: "support") == commit.experiments)
        #expect(try await store.looks(experiment: "e-1") == commit.looks)
        #expect(
            try await store.assignments(experiment: "e-1", limit: 9).map(\.assignment)
                == commit.enrolments.assignments)
        #expect(try await store.detectors(deployment: "support") == commit.detectors)
        #expect(try await store.dossier(cycle: "c-1") == commit.dossier)
        #expect(try await store.lineage(adapter: "support-v2") == commit.lineage)
        #expect(try await store.job(id: "j-1") == commit.jobs[0])
        #expect(try await store.jobs(deployment: "support", cycle: "c-1", onlyOpen: true) == commit.jobs)
        #expect(try await store.undistributedEvents(limit: 9) == commit.events)
        #expect(try await store.action(deployment: "support", id: "act-1") == commit.actions[0])

        // Known rows are replaced.
        var next = LoopCommit(
            deployment: "support", state: .init(expectedRevision: 1, value: VersionedValue(version: 4, bytes: [])))
        var cycle = Samples.cycle("c-1", state: "rejected")
        cycle.ended = Samples.start
        cycle.outcome = "rejected"
        next.cycles = [cycle]
        var job = commit.jobs[0]
        job.state = .done
        job.cpuSeconds = 12.5
        next.jobs = [job]
        #expect(try await store.commit(next) == 2)
        #expect(try await store.cycle(id: "c-1") == cycle)
        #expect(try await store.jobs(deployment: "support", onlyOpen: true) == [])
        try await store.close()
    }

    /// Whatever part fails, nothing of the commit is there afterwards.
    @Test(arguments: ["look", "event", "action", "revision", "lineage", "assignment"])
    func aFailingPartTakesAllBack(part: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        try await store.commit(everything(revision: 0, state: 1))

        var commit = LoopCommit(
            deployment: "support",
            state: .init(
                expectedRevision: part == "revision" ? 0 : 1, value: VersionedValue(version: 3, bytes: [2])))
        commit.cycles = [Samples.cycle("c-2")]
        commit.transitions = everything(revision: 0, state: 1).transitions
        commit.adapters = [Samples.adapter(3, cycle: "c-2")]
        commit.detectors = [
            DetectorRecord(
                deployment: "support", name: "features", value: VersionedValue(version: 1, bytes: [9]),
                position: LogPosition(interactions: 9, ratings: 9))
        ]
        commit.events = [Samples.event(part == "event" ? "msg_1" : "msg_2")]
        switch part {
        case "look": commit.looks = everything(revision: 0, state: 1).looks
        case "action": commit.actions = everything(revision: 0, state: 1).actions
        case "lineage":
            commit.lineage = [
                LineageRecord(adapter: "unknown", record: "r", interaction: "i", set: .old, weight: 1)
            ]
        case "assignment":
            commit.enrolments.assignments = [Samples.assignment("u", arm: "candidate", experiment: "unknown")]
        default: break
        }
        let error = await #expect(throws: StoreError.self) { try await store.commit(commit) }
        switch part {
        case "revision": #expect(error == .staleRevision(deployment: "support", expected: 0, found: 1))
        case "action": #expect(error == .actionExists(id: "act-1"))
        default:
            guard case .invalid = error else {
                Issue.record("expected invalid, found \(String(describing: error))")
                return
            }
        }
        #expect(try await store.loopState(deployment: "support")?.revision == 1)
        #expect(try await store.loopState(deployment: "support")?.value.bytes == [1])
        #expect(try await store.cycle(id: "c-2") == nil)
        #expect(try await store.transitions(deployment: "support").count == 1)
        #expect(try await store.adapter(name: "support-v3") == nil)
        #expect(try await store.detectors(deployment: "support").first?.value.bytes == [7, 8])
        #expect(try await store.undistributedEvents(limit: 9).map(\.id) == ["msg_1"])
        try await store.close()
    }

    @Test func oneOfManyConcurrentChangesWins() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let wins = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let change = LoopCommit.StateChange(
                        expectedRevision: 0, value: VersionedValue(version: 1, bytes: [UInt8(index)]))
                    return (try? await store.commit(LoopCommit(deployment: "support", state: change))) != nil
                }
            }
            return await group.reduce(into: 0) { count, won in count += won ? 1 : 0 }
        }
        #expect(wins == 1)
        try await store.close()
    }

    @Test func numbersAreGivenOnce() async throws {
        let folder = try TemporaryFolder()
        var store = try Samples.store(folder)
        #expect(try await store.allocateNumber(series: "cycle") == 1)
        #expect(try await store.allocateNumber(series: "cycle") == 2)
        #expect(try await store.allocateNumber(series: "job") == 1)
        let first = try await store.allocateAdapterVersion(deployment: "support")
        #expect(first.version == 1 && first.name == "support-v1")
        try await store.close()

        // Nothing was stored under version 1; it is not given again, also not after a restart.
        store = try Samples.store(folder)
        #expect(try await store.allocateAdapterVersion(deployment: "support").version == 2)
        // An imported adapter's version is passed over.
        var commit = LoopCommit(deployment: "support")
        commit.adapters = [Samples.adapter(7)]
        #expect(try await store.commit(commit) == 0)
        #expect(try await store.allocateAdapterVersion(deployment: "support").name == "support-v8")
        #expect(try await store.allocateAdapterVersion(deployment: "other").name == "other-v1")
        try await store.close()
    }
}
