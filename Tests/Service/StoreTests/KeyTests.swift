import Store
import Testing

@Suite("Store keys") struct KeyTests {
    @Test func aKeyThatIsAnotherIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        try await store.remember(keys: [("k1", 17)])
        try await store.remember(keys: [("k2", 5), ("k1", 17)])
        await #expect(throws: StoreError.otherKey(id: "k1")) { try await store.remember(keys: [("k1", 18)]) }
        // A key may be dropped once no row under it is left, and is forgotten then.
        _ = try await store.append([.interaction(Samples.interaction("a", unit: "u"))])
        await #expect(throws: StoreError.missingKey(id: "k1")) { try await store.remember(keys: [("k2", 5)]) }
        _ = try await store.erase(units: ["u"])
        try await store.remember(keys: [("k2", 5)])
        try await store.remember(keys: [("k1", 18), ("k2", 5)])
        try await store.close()
    }
}
