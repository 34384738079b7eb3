import SmallDisk
import Store
import Testing
import Traffic

@Suite("Store full disk", .enabled(if: SmallDisk.isPermitted, "mounting a small file system needs root"))
struct StoreFullDiskTests {
    @Test func nothingIsLostAndDeletingWorks() async throws {
        guard let disk = SmallDisk(megabytes: 12) else { return }
        let options = StoreOptions(ballastBytes: 3 << 20, checkpointBytes: 1 << 20)
        var store = try DurableStore(folder: disk.path + "/state", options: options)
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [Samples.experiment()]
        try await store.commit(commit)

        let text = String(repeating: "y", count: 20_000)
        var accepted: Set<String> = []
        var refused = 0
        // Until the disk is full, and a little longer: every refusal is `full`, and never turns into an acceptance.
        for index in 0..<2000 where refused < 5 {
            let id = "i\(index)"
            do {
                _ = try await store.append([
                    .interaction(Samples.interaction(id, unit: index.isMultiple(of: 2) ? "even" : "odd", text: text))
                ])
                accepted.insert(id)
                #expect(refused == 0)
            } catch StoreError.full {
                refused += 1
            }
        }
        #expect(refused == 5)
        #expect(accepted.count > 100)
        #expect(try await store.health().acceptsIngest == false)
        #expect(try await ids(store) == accepted)

        // The loop, the outbox and an erasure go on in the ballast's room.
        var step = LoopCommit(
            deployment: "support", state: .init(expectedRevision: 0, value: VersionedValue(version: 1, bytes: [1])))
        step.events = [Samples.event("m1")]
        #expect(try await store.commit(step) == 1)
        let erased = try await store.erase(units: ["odd"])
        #expect(erased.interactions == accepted.count / 2)

        // A restart on the full disk loses nothing either.
        try await store.close()
        store = try DurableStore(folder: disk.path + "/state", options: options)
        #expect(try await ids(store).count == accepted.count - erased.interactions)

        // What the erasure freed goes back to the disk; with the ballast made again, ingest is accepted.
        for _ in 0..<4 { try await store.maintain() }
        #expect(try await store.health().acceptsIngest)
        _ = try await store.append([.interaction(Samples.interaction("again"))])
        #expect(try await store.integrityProblems(thorough: true) == [])
        try await store.close()
    }

    /// The store opens on a disk that is full to the last byte, in the ballast's room.
    @Test func itOpensOnAFullDisk() async throws {
        guard let disk = SmallDisk(megabytes: 6) else { return }
        let options = StoreOptions(ballastBytes: 1 << 20)
        var store = try DurableStore(folder: disk.path + "/state", options: options)
        _ = try await store.append([.interaction(Samples.interaction("a"))])
        try await store.close()
        try disk.fill()

        store = try DurableStore(folder: disk.path + "/state", options: options)
        #expect(try await store.counts(deployment: "support").interactions == 1)
        await #expect(throws: StoreError.full) {
            try await store.append([
                .interaction(Samples.interaction("b", text: String(repeating: "z", count: 2 << 20)))
            ])
        }
        #expect(try await store.erase(units: ["u-1"]).interactions == 1)
        try disk.empty()
        try await store.maintain()
        _ = try await store.append([.interaction(Samples.interaction("c"))])
        try await store.close()
    }

    private func ids(_ store: DurableStore) async throws -> Set<String> {
        Set(try await store.interactions(deployment: "support", limit: 10_000).map(\.logged.interaction.id))
    }
}
