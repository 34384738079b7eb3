import Store
import Testing
import Traffic
import Values

@Suite("Store log")
struct StoreLogTests {
    @Test func recordsComeBackAsTheyWere() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        var full = Samples.interaction("full", conversation: "conv")
        full.interaction.messages = [
            Message(role: "system", content: .text("Be kind — ¡sí! 日本")),
            Message(
                role: "user",
                content: .parts(.array([.object(JSONObject([.init(name: "type", value: .string("text"))]))]))),
        ]
        full.interaction.timeToFirstTokenMilliseconds = 31
        full.interaction.promptTokens = 21
        full.interaction.completionTokens = 3
        full.interaction.logProbability = -0.41
        full.interaction.metadata = .object(
            JSONObject([
                .init(name: "z", value: .integer(1)), .init(name: "a", value: .number(0.5)),
                .init(name: "n", value: .null),
            ]))
        full.redactedResponse = [2..<5, 7..<12]
        full.redactions = ["email": 2, "iban": 1]
        full.fromGateway = true
        var bare = Samples.interaction("bare", unit: nil, response: nil, adapter: nil)
        bare.interaction.latencyMilliseconds = nil
        bare.interaction.messages = []
        var label = Samples.rating("label", of: "full", rater: "r-9", value: .label("fine"))
        label.rating.comment = "good"
        label.rating.correction = "card arrival"
        label.redactedCorrection = [0..<4]
        label.redactions = ["phone": 1]
        let outcomes = try await store.append([
            .interaction(full), .interaction(bare), .rating(label),
            .rating(Samples.rating("number", of: "bare", scale: nil, value: .number(0.25))),
        ])
        #expect(
            outcomes == [
                .accepted(sequence: 1), .accepted(sequence: 2), .accepted(sequence: 1), .accepted(sequence: 2),
            ])
        #expect(
            try await store.interactions(deployment: "support", limit: 10) == [
                StoredInteraction(sequence: 1, logged: full), StoredInteraction(sequence: 2, logged: bare),
            ])
        #expect(try await store.ratings(deployment: "support", limit: 10).first?.logged == label)
        #expect(try await store.interaction(deployment: "support", id: "full")?.logged == full)
        #expect(try await store.interaction(deployment: "other", id: "full") == nil)
        #expect(try await store.ratings(deployment: "support", interaction: "full").map(\.sequence) == [1])
        #expect(try await store.position() == LogPosition(interactions: 2, ratings: 2))
        try await store.close()
    }

    @Test func theSameAgainIsADuplicateAndAnotherBodyAConflict() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([.interaction(Samples.interaction("a"))])
        // Sequence numbers grow; a duplicate may leave a gap.
        let second = try await store.append([
            .interaction(Samples.interaction("a")), .interaction(Samples.interaction("b")),
            .interaction(Samples.interaction("b")),
        ])
        #expect(second[0] == .duplicate(sequence: 1))
        guard case .accepted(let sequenceOfB) = second[1] else {
            Issue.record("expected an accepted record, found \(second[1])")
            return
        }
        #expect(sequenceOfB > 1)
        #expect(second[2] == .duplicate(sequence: sequenceOfB))
        // Ids are unique in a deployment, and interactions and ratings do not share them.
        let others = try await store.append([
            .interaction(Samples.interaction("a", deployment: "other", hash: 9)),
            .rating(Samples.rating("a", of: "a")),
        ])
        #expect(others.allSatisfy { if case .accepted = $0 { true } else { false } })

        // All or nothing: the batch's first conflict is named, and its good records are not stored.
        await #expect(throws: StoreError.conflict(index: 1, id: "a")) {
            try await store.append([
                .interaction(Samples.interaction("c")), .interaction(Samples.interaction("a", hash: 2)),
            ])
        }
        #expect(try await store.interaction(deployment: "support", id: "c") == nil)

        let partial = try await store.append(
            [
                .interaction(Samples.interaction("c")), .interaction(Samples.interaction("a", hash: 2)),
                .rating(Samples.rating("a", of: "a")), .rating(Samples.rating("a", of: "a", hash: 3)),
            ], mode: .partial)
        guard case .accepted(let sequence) = partial[0] else {
            Issue.record("expected an accepted record, found \(partial[0])")
            return
        }
        #expect(sequence > 3)
        #expect(Array(partial[1...]) == [.conflict, .duplicate(sequence: 1), .conflict])
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 3, ratings: 1, units: 1))
        try await store.close()
    }

    @Test func aRotatedKeyStillKnowsItsRecords() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([.interaction(Samples.interaction("a", key: "k1", hash: 1))])
        let again = Samples.interaction("a", key: "k2", hash: 7)
        let oldHash = Array(repeating: UInt8(1), count: 32)
        let outcomes = try await store.append(
            [
                .interaction(again, earlierHashes: ["k1": oldHash]),
                .interaction(again, earlierHashes: ["k1": Array(repeating: 2, count: 32)]),
                .interaction(again),
            ], mode: .partial)
        #expect(outcomes == [.duplicate(sequence: 1), .conflict, .conflict])
        try await store.close()
    }

    @Test func theLatestRatingOfARaterCounts() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        // The rating comes before its interaction.
        _ = try await store.append([.rating(Samples.rating("early", of: "i", at: 10))])
        _ = try await store.append([
            .interaction(Samples.interaction("i", at: 5)),
            .interaction(Samples.interaction("unrated", at: 6)),
            .interaction(Samples.interaction("outside", at: 500)),
            .rating(Samples.rating("o", of: "outside")),
        ])
        _ = try await store.append([
            // The same rater, named, later by time; then one that arrives later and is older; then one of equal time.
            .rating(Samples.rating("later", of: "i", at: 30, rater: "u-1", value: .number(0))),
            .rating(Samples.rating("older", of: "i", at: 20)),
            .rating(Samples.rating("equal", of: "i", at: 30, value: .number(1))),
            .rating(Samples.rating("another rater", of: "i", at: 1, rater: "u-2")),
            .rating(Samples.rating("another scale", of: "i", at: 1, scale: "stars", value: .number(5))),
        ])
        let page = try await store.ratedInteractions(
            deployment: "support", from: Samples.start, until: Samples.start.advanced(bySeconds: 500), limit: 10)
        #expect(page.map(\.interaction.logged.interaction.id) == ["i"])
        #expect(page.first?.ratings.map(\.logged.rating.id) == ["equal", "another rater", "another scale"])
        let all = try await store.ratedInteractions(
            deployment: "support", from: Samples.start, until: Samples.start.advanced(bySeconds: 500),
            onlyRated: false, limit: 10)
        #expect(all.map(\.interaction.logged.interaction.id) == ["i", "unrated"])
        // At an earlier point of the log the earlier ratings counted.
        let then = try await store.ratedInteractions(
            deployment: "support", from: Samples.start, until: Samples.start.advanced(bySeconds: 500),
            position: LogPosition(interactions: 3, ratings: 2), limit: 10)
        #expect(then.first?.ratings.map(\.logged.rating.id) == ["early"])
        try await store.close()
    }

    @Test func pagesHoldEachRecordOnceWhileOthersWrite() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let writers = 8
        let each = 60
        try await withThrowingTaskGroup(of: [String].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for index in 0..<each {
                        _ = try await store.append([
                            .interaction(Samples.interaction("\(writer)-\(index)")),
                            .interaction(Samples.interaction("\(writer)-\(index)", deployment: "other")),
                        ])
                    }
                    return []
                }
            }
            group.addTask {
                var seen: [String] = []
                var last: Int64 = 0
                let changes = store.changes(of: .log)
                var iterator = changes.makeAsyncIterator()
                while seen.count < writers * each {
                    let page = try await store.interactions(deployment: "support", after: last, limit: 7)
                    if page.isEmpty {
                        // A commit may have come between the page and here: the signal is kept until it is asked for.
                        _ = await iterator.next()
                    }
                    for stored in page {
                        #expect(stored.sequence > last)
                        last = stored.sequence
                        seen.append(stored.logged.interaction.id)
                    }
                }
                return seen
            }
            for try await seen in group where !seen.isEmpty {
                #expect(seen.count == writers * each)
                #expect(Set(seen).count == writers * each)
            }
        }
        try await store.close()
    }

    @Test func unitsAndRatersAreFoundUnderEveryKey() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("a", unit: "k1:u")), .interaction(Samples.interaction("b", unit: "k2:u")),
            .interaction(Samples.interaction("c", unit: "k1:v")), .interaction(Samples.interaction("d", unit: nil)),
            .rating(Samples.rating("r", of: "c", rater: "k2:u")), .rating(Samples.rating("s", of: "a", rater: nil)),
            .rating(Samples.rating("t", of: "c", rater: nil)),
        ])
        #expect(
            try await store.interactions(deployment: "support", units: ["k1:u", "k2:u"]).map(\.sequence) == [1, 2])
        #expect(
            try await store.ratings(deployment: "support", units: ["k1:u", "k2:u"]).map(\.logged.rating.id) == [
                "r", "s",
            ])
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 4, ratings: 3, units: 3))
        try await store.close()
    }

    @Test func aWindowIsCountedAsItStood() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        func interaction(_ id: String, at seconds: Double, unit: String?, _ redactions: [String: Int]) -> LogEntry {
            var logged = Samples.interaction(id, at: seconds, unit: unit)
            logged.redactions = redactions
            return .interaction(logged)
        }
        var rating = Samples.rating("r1", of: "b")
        rating.redactions = ["email": 4]
        _ = try await store.append([
            interaction("a", at: 10, unit: "u-1", ["email": 100]),
            interaction("b", at: 20, unit: "u-1", ["email": 1, "telephone": 2]),
            interaction("c", at: 30, unit: "u-2", [:]), interaction("d", at: 40, unit: nil, ["telephone": 3]),
            .interaction(Samples.interaction("other", deployment: "other", at: 30)),
            .rating(rating), .rating(Samples.rating("r2", of: "c")), .rating(Samples.rating("r3", of: "a")),
        ])
        let position = try await store.position()
        _ = try await store.append([
            interaction("later", at: 50, unit: "u-3", ["email": 100]), .rating(Samples.rating("r4", of: "c")),
        ])
        let counts = try await store.windowCounts(
            deployment: "support", from: Samples.start.advanced(bySeconds: 20), position: position)
        #expect(
            counts
                == WindowCounts(interactions: 3, ratings: 2, units: 2, redactions: ["email": 5, "telephone": 5]))
        let empty = try await store.windowCounts(
            deployment: "nobody", from: Samples.start, position: position)
        #expect(empty == WindowCounts(interactions: 0, ratings: 0, units: 0, redactions: [:]))
        try await store.close()
    }
}
