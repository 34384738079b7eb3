import Store
import Testing
import Values

@Suite("Store outbox")
struct StoreOutboxTests {
    private func at(_ seconds: Double) -> Timestamp { Samples.start.advanced(bySeconds: seconds) }

    @Test func anEventGoesItsWay() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        var changes = store.changes(of: .outbox).makeAsyncIterator()
        var commit = LoopCommit(deployment: "support")
        commit.events = [Samples.event("m1"), Samples.event("m2")]
        try await store.commit(commit)
        #expect(await changes.next() != nil)
        #expect(try await store.undistributedEvents(limit: 1).map(\.id) == ["m1"])
        #expect(try await store.dueDeliveries(now: at(1000), limit: 9) == [])

        let ways = [
            Distribution(event: "m1", endpoints: ["pager", "mail"]), Distribution(event: "m2", endpoints: []),
        ]
        try await store.distribute(ways, now: at(0))
        // Distributed once: another set of endpoints changes nothing.
        try await store.distribute([Distribution(event: "m1", endpoints: ["third"])], now: at(0))
        #expect(try await store.undistributedEvents(limit: 9) == [])
        var due = try await store.dueDeliveries(now: at(0), limit: 9)
        #expect(due.map(\.endpoint) == ["mail", "pager"])
        #expect(due.first?.event == Samples.event("m1"))
        #expect(try await store.nextDelivery() == at(0))

        try await store.markDelivered(event: "m1", endpoint: "mail", at: at(1))
        try await store.markFailed(
            event: "m1", endpoint: "pager", at: at(1), error: "time-out", nextAttempt: at(30))
        #expect(try await store.dueDeliveries(now: at(29), limit: 9) == [])
        #expect(try await store.nextDelivery() == at(30))
        due = try await store.dueDeliveries(now: at(30), limit: 9)
        #expect(due.map(\.attempts) == [1])
        #expect(due.first?.lastError == "time-out")
        #expect(due.first?.lastAttempt == at(1))

        try await store.markFailed(event: "m1", endpoint: "pager", at: at(30), error: "gone", nextAttempt: nil)
        #expect(try await store.nextDelivery() == nil)
        #expect(try await store.deadLetters().map(\.lastError) == ["gone"])
        #expect(try await store.deliveries(event: "m1").map(\.status) == [.delivered, .dead])
        // An event with a dead delivery and nothing pending may go with retention; one with something pending stays.
        #expect(try await store.requeue(event: "m1", endpoint: "pager", now: at(40)))
        #expect(try await store.requeue(event: "m9", endpoint: "pager", now: at(40)) == false)
        #expect(try await store.deleteEvents(before: at(100), limit: 9) == 1)
        due = try await store.dueDeliveries(now: at(40), limit: 9)
        #expect(due.map(\.attempts) == [0])
        try await store.markDelivered(event: "m1", endpoint: "pager", at: at(41))
        #expect(try await store.deleteEvents(before: at(100), limit: 9) == 1)
        #expect(try await store.deliveries() == [])
        try await store.close()
    }

    @Test func aDisabledEndpointWaits() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        try await store.append(event: Samples.event("m1"))
        try await store.distribute([Distribution(event: "m1", endpoints: ["pager", "mail"])], now: at(0))
        try await store.disableEndpoint("pager", reason: "410", at: at(1))
        #expect(
            try await store.disabledEndpoints() == [DisabledEndpoint(endpoint: "pager", reason: "410", since: at(1))])
        #expect(try await store.dueDeliveries(now: at(2), limit: 9).map(\.endpoint) == ["mail"])
        try await store.enableEndpoint("pager")
        #expect(try await store.dueDeliveries(now: at(2), limit: 9).map(\.endpoint).sorted() == ["mail", "pager"])
        try await store.close()
    }

    @Test func tokensAreKeptByHash() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let token = TokenRecord(
            id: "t1", name: "ci", hash: Array(repeating: 4, count: 32), scopes: ["ingest", "read"],
            deployment: "support", created: at(0))
        try await store.insert(token: token)
        #expect(try await store.tokens() == [token])
        await #expect(throws: StoreError.self) { try await store.insert(token: token) }
        #expect(try await store.revokeToken(id: "t1", at: at(5)))
        #expect(try await store.revokeToken(id: "t1", at: at(6)) == false)
        #expect(try await store.token(id: "t1")?.revoked == at(5))
        try await store.close()
    }
}
