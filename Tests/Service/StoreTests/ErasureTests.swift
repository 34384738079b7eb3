import Foundation
import Store
import Testing
import Traffic
import Values

@Suite("Store erasure")
struct StoreErasureTests {
    /// No byte of an erased unit's texts is left in any file of the database, and what others wrote is.
    @Test func noByteOfAnErasedUnitIsLeft() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        var commit = LoopCommit(deployment: "support")
        commit.cycles = [Samples.cycle("c-1")]
        commit.adapters = [Samples.adapter(1), Samples.adapter(2)]
        commit.experiments = [Samples.experiment()]
        commit.lineage = ["CANARY-7", "other-7"].map { id in
            LineageRecord(adapter: "support-v2", record: "sha256:\(id)", interaction: id, set: .train, weight: 1)
        }
        try await store.commit(commit)
        // 450 of each: more than one batch; long texts, so that some stand on overflow pages.
        for index in 0..<450 {
            let long = index.isMultiple(of: 50) ? String(repeating: "CANARY long ", count: 900) : ""
            let kind = index.isMultiple(of: 2) ? "old:CANARY" : "CANARY-unit"
            var rating = Samples.rating("CANARY-r\(index)", of: "CANARY-\(index)", hash: 2)
            rating.rating.comment = "CANARY comment"
            _ = try await store.append([
                .interaction(Samples.interaction("CANARY-\(index)", unit: kind, text: "CANARY asks \(long)")),
                .rating(rating),
                .interaction(Samples.interaction("other-\(index)", unit: "u-2", text: "somebody else asks")),
                .rating(Samples.rating("CANARY-of-other-\(index)", of: "other-\(index)", rater: "CANARY-unit")),
                .rating(Samples.rating("other-r\(index)", of: "other-\(index)")),
            ])
        }
        _ = try await store.enrol(
            Enrolments(
                assignments: [
                    Samples.assignment("CANARY-unit", arm: "candidate"), Samples.assignment("u-2", arm: "incumbent"),
                ],
                conversations: [
                    ConversationRecord(
                        deployment: "support", conversation: "CANARY-conversation", unit: "CANARY-unit",
                        arm: "candidate", adapter: "support-v2", time: Samples.start)
                ]))
        // The search finds it while it is there.
        let before = try folder.bytes(in: "state", prefix: "retuned.sqlite")
        #expect(before.values.contains { $0.range(of: Data("CANARY".utf8)) != nil })

        let result = try await store.erase(units: ["CANARY-unit", "old:CANARY"])
        #expect(
            result
                == ErasureResult(
                    interactions: 450, ratings: 900, assignments: 1, conversations: 1, adapters: ["support-v2"]))
        for (name, bytes) in try folder.bytes(in: "state", prefix: "retuned.sqlite") {
            #expect(bytes.range(of: Data("CANARY".utf8)) == nil, "\(name)")
        }
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 450, ratings: 450, units: 1))
        #expect(try await store.adapter(name: "support-v2")?.erasedRecords == 1)
        #expect(try await store.adapter(name: "support-v1")?.erasedRecords == 0)
        #expect(try await store.lineage(adapter: "support-v2").map(\.interaction) == ["other-7"])
        #expect(try await store.experiment(id: "e-1")?.erasedUnits == 1)
        #expect(try await store.assignments(experiment: "e-1", limit: 9).map(\.assignment.unit) == ["u-2"])
        #expect(try await store.erase(units: ["CANARY-unit"]) == ErasureResult())
        #expect(try await store.integrityProblems(thorough: true) == [])
        // Writing the adapter again later does not forget what it lost.
        var again = LoopCommit(deployment: "support")
        again.adapters = [Samples.adapter(2)]
        try await store.commit(again)
        #expect(try await store.adapter(name: "support-v2")?.erasedRecords == 1)
        try await store.close()
    }

    /// Jobs that have a record of the unit in their data, as a query or as a rating, are closed, and their results refused.
    @Test func jobsUnderWayAreClosed() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("a", unit: "u-1")), .interaction(Samples.interaction("b", unit: "u-2")),
            .rating(Samples.rating("r", of: "b", rater: "u-3")),
            .interaction(Samples.interaction("c", unit: "u-4")),
        ])
        func row(_ interaction: String, rating: String? = nil) -> OpenJobRow {
            OpenJobRow(
                record: "sha256:\(interaction)", interaction: interaction, rating: rating, set: .train, weight: 1)
        }
        let jobs = ["j-1": [row("a")], "j-2": [row("b", rating: "r")], "j-3": [row("c")]]
        for (job, rows) in jobs {
            #expect(
                try await store.openJob(
                    job, deployment: "support", rows: rows, erasures: try await store.erasures()))
        }
        let rows = try await store.rows(ofOpenJob: "j-2")
        #expect(rows.map(\.record) == ["sha256:b"] && rows.map(\.rating) == ["r"])
        #expect(rows.map(\.unit) == ["u-2"] && rows.map(\.rater) == ["u-3"])
        #expect(try await store.erase(units: ["u-1"]).jobs == ["j-1"])
        #expect(try await store.erase(units: ["u-3"]).jobs == ["j-2"])
        #expect(try await store.erase(units: ["nobody"]).jobs == [])
        var open: [Bool] = []
        for job in ["j-1", "j-2", "j-3"] { open.append(try await store.isOpen(job: job)) }
        #expect(open == [false, false, true])
        // What was read before an erasure is not noted after it.
        #expect(try await !store.openJob("j-1", deployment: "support", rows: [row("a")], erasures: 0))
        var taken = LoopCommit(deployment: "support")
        taken.closedJob = LoopCommit.ClosedJob(id: "j-1", isTaken: true)
        taken.cycles = [Samples.cycle("c-1")]
        await #expect(throws: StoreError.jobIsNotOpen(id: "j-1")) { try await store.commit(taken) }
        #expect(try await store.cycle(id: "c-1") == nil)
        taken.closedJob?.isTaken = false
        try await store.commit(taken)
        taken.closedJob = LoopCommit.ClosedJob(id: "j-3", isTaken: true)
        try await store.commit(taken)
        #expect(try await store.rows(ofOpenJob: "j-3") == [])
        try await store.close()
    }

    @Test func otherDeploymentsMayKeepTheUnit() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("a")), .interaction(Samples.interaction("a", deployment: "other")),
        ])
        #expect(try await store.erase(units: ["u-1"], deployment: "support").interactions == 1)
        #expect(try await store.counts(deployment: "other").interactions == 1)
        #expect(try await store.erase(units: ["u-1"]).interactions == 1)
        try await store.close()
    }

    /// Retention takes rows of the log; who stands in an adapter's lineage or in an open job's data is found all the same.
    @Test func whatDescendsFromDeletedRowsIsFound() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("a", unit: "u-1")), .interaction(Samples.interaction("b", unit: "u-2")),
            .rating(Samples.rating("r-b", of: "b", rater: "u-3")),
        ])
        let rows = [
            OpenJobRow(record: "sha256:a", interaction: "a", rating: nil, set: .train, weight: 1),
            OpenJobRow(record: "sha256:b", interaction: "b", rating: "r-b", set: .train, weight: 1),
        ]
        #expect(try await store.openJob("j-1", deployment: "support", rows: rows, erasures: store.erasures()))
        var commit = LoopCommit(deployment: "support")
        commit.adapters = [Samples.adapter(1)]
        commit.lineage = try await store.rows(ofOpenJob: "j-1").map {
            LineageRecord(
                adapter: "support-v1", record: $0.record, interaction: $0.interaction, rating: $0.rating, set: $0.set,
                weight: $0.weight, unit: $0.unit, rater: $0.rater)
        }
        #expect(commit.lineage.map(\.unit) == ["u-1", "u-2"] && commit.lineage.map(\.rater) == [nil, "u-3"])
        try await store.commit(commit)
        let later = Samples.start.advanced(bySeconds: 1000)
        while try await store.deleteLog(deployment: "support", before: later) > 0 {}
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 0, ratings: 0, units: 0))

        #expect(try await store.erase(units: ["u-1"], deployment: "other") == ErasureResult())
        let first = try await store.erase(units: ["u-1"], deployment: "support")
        #expect(first.adapters == ["support-v1"] && first.jobs == ["j-1"])
        #expect(try await store.lineage(adapter: "support-v1").map(\.interaction) == ["b"])
        let rater = try await store.erase(units: ["u-3"])
        #expect(rater.adapters == ["support-v1"] && rater.jobs == [])
        #expect(try await store.lineage(adapter: "support-v1") == [])
        #expect(try await store.adapter(name: "support-v1")?.erasedRecords == 2)
        try await store.close()
    }

    @Test func retentionTakesWhatIsOld() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let text = String(repeating: "x", count: 8000)
        _ = try await store.append(
            (0..<100).flatMap { index -> [LogEntry] in
                [
                    .interaction(Samples.interaction("i\(index)", at: Double(index), text: text)),
                    .rating(Samples.rating("r\(index)", of: "i\(index)", at: Double(index))),
                ]
            })
        var rounds = 0
        let limit = Samples.start.advanced(bySeconds: 60)
        while try await store.deleteLog(deployment: "support", before: limit, limit: 25) > 0 { rounds += 1 }
        #expect(rounds == 3)
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 40, ratings: 40, units: 1))
        #expect(try await store.interactions(deployment: "support", limit: 1).first?.sequence == 61)
        // What deletions freed goes back to the disk.
        try await store.emptyWriteAheadLog()
        let before = try await store.health().databaseBytes
        try await store.maintain()
        try await store.emptyWriteAheadLog()
        #expect(try await store.health().databaseBytes < before - 60 * 8000 / 2)
        try await store.close()
    }

    /// Most ratings name no rater: after the interaction nobody could say any more whose they are.
    @Test func ratingsDoNotOutliveWhatTheyRate() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("old", at: 0)), .interaction(Samples.interaction("new", at: 100)),
            .rating(Samples.rating("late", of: "old", at: 90)), .rating(Samples.rating("r", of: "new", at: 101)),
            .rating(Samples.rating("orphan", of: "unknown", at: 90)),
        ])
        while try await store.deleteLog(deployment: "support", before: Samples.start.advanced(bySeconds: 50)) > 0 {}
        #expect(try await store.counts(deployment: "support") == LogCounts(interactions: 1, ratings: 2, units: 1))
        try await store.close()
    }
}
