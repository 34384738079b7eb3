import Store
import Testing

@Suite("Store keys") struct KeyTests {
    @Test func aKeyThatIsAnotherIsRefused() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        #expect(try await store.remember(keys: [("k1", 17)]) == [])
        #expect(try await store.remember(keys: [("k2", 5), ("k1", 17)]) == [])
        await #expect(throws: StoreError.otherKey(id: "k1")) { _ = try await store.remember(keys: [("k1", 18)]) }
        // A key that was dropped is told of while rows are left under it, and then forgotten.
        _ = try await store.append([.interaction(Samples.interaction("a", unit: "u"))])
        #expect(try await store.remember(keys: [("k2", 5)]) == ["k1"])
        _ = try await store.erase(units: ["u"])
        #expect(try await store.remember(keys: [("k2", 5)]) == [])
        #expect(try await store.remember(keys: [("k1", 18), ("k2", 5)]) == [])
        try await store.close()
    }
}
