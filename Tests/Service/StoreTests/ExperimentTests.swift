import Store
import Testing
import Traffic
import Values

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
        let first2 = try await store.assignments(experiment: "e-1", limit: 1)
        #expect(first2.map(\.assignment.unit) == ["u-1"])
        let rest = try await store.assignments(experiment: "e-1", after: first2[0].sequence, limit: 9)
        #expect(rest.map(\.assignment.unit) == ["u-2"])
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
        let then = try await store.experimentRatings(experiment: "e-1", position: look, limit: 100)
        #expect(then.map(\.id) == ["r1", "r2"])
        let paged = try await store.experimentRatings(
            experiment: "e-1", after: all[0].sequence, limit: 1)
        #expect(paged.map(\.id) == ["r2"])

        let interactions = try await store.experimentInteractions(experiment: "e-1", limit: 100)
        #expect(interactions.map(\.id) == ["c1", "c2", "i1", "i2"])
        #expect(interactions.map(\.isOtherArm) == [false, true, false, false])
        #expect(interactions.map(\.failed) == [false, false, false, true])
        #expect(interactions.map(\.latencyMilliseconds) == [84.1, 84.1, 84.1, 84.1])
        try await store.close()
    }

    /// A conversation that began before the enrolment goes on with what answered it; a later one does not.
    @Test func aUnitIsSeenInBothArmsOutsideOfEarlierConversations() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        func conversation(_ name: String, at time: Double) -> ConversationRecord {
            ConversationRecord(
                deployment: "support", conversation: name, unit: "c", arm: "incumbent", adapter: "support-v1",
                time: Samples.start.advanced(bySeconds: time))
        }
        _ = try await store.enrol(
            Enrolments(
                assignments: [Samples.assignment("c", arm: "candidate", at: 100)],
                conversations: [conversation("earlier", at: 50), conversation("later", at: 120)]))
        for (id, name) in [("old", "earlier"), ("new", "later"), ("unknown", "elsewhere")] {
            _ = try await store.append([
                .interaction(
                    Samples.interaction(id, at: 150, unit: "c", conversation: name, adapter: "support-v1"))
            ])
        }
        let rows = try await store.experimentInteractions(experiment: "e-1", limit: 10)
        #expect(rows.map(\.id) == ["new", "unknown"])
        // The gateway's own stand-in leaves nobody out; somebody else's conversation does.
        _ = try await store.enrol(
            Enrolments(conversations: [
                ConversationRecord(
                    deployment: "support", conversation: "theirs", unit: "x", arm: "incumbent", adapter: "support-v1",
                    time: Samples.start.advanced(bySeconds: 120))
            ]))
        for (id, name) in [("g-old", "earlier"), ("g-own", "later"), ("g-none", nil), ("g-theirs", "theirs")] {
            _ = try await store.append([
                .interaction(
                    Samples.interaction(
                        id, at: 150, unit: "c", conversation: name, adapter: "support-v1", fromGateway: true))
            ])
        }
        #expect(
            try await store.experimentInteractions(experiment: "e-1", limit: 10).map(\.id)
                == ["new", "unknown", "g-theirs"])
        #expect(rows.map(\.isOtherArm) == [true, true])
        try await store.close()
    }

    /// What a unit rated before its enrolment is told by value; what came after it, and what others rated, is not.
    @Test func earlierRatingsAreThoseBeforeTheEnrolment() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("c1", at: 10, unit: "c", adapter: "support-v1")),
            .interaction(Samples.interaction("c2", at: 20, unit: "c", adapter: "support-v1")),
            .interaction(Samples.interaction("i1", at: 10, unit: "i", adapter: "support-v1")),
            .rating(Samples.rating("r1", of: "c1", at: 30)), .rating(Samples.rating("r2", of: "c2", at: 30)),
            .rating(Samples.rating("r3", of: "c2", at: 40, rater: "other", value: .number(0))),
        ])
        _ = try await store.enrol(
            Enrolments(assignments: [
                Samples.assignment("c", arm: "candidate"), Samples.assignment("i", arm: "incumbent"),
            ]))
        _ = try await store.append([
            .rating(Samples.rating("late", of: "c1", at: 200, rater: "third")),
            .interaction(Samples.interaction("c3", at: 150, unit: "c", adapter: "support-v2")),
            .rating(Samples.rating("r4", of: "c3", at: 200)),
        ])
        let rows = try await store.earlierRatings(experiment: "e-1", after: 0, through: .max)
        let first = try #require(try await store.assignments(experiment: "e-1", limit: 10).first)
        #expect(first.assignment.unit == "c")
        #expect(rows.map(\.assignment) == [first.sequence, first.sequence])
        #expect(Set(rows.map { [$0.value == .number(1) ? 1 : 0, $0.count] }) == [[0, 1], [1, 2]])
        #expect(try await store.earlierRatings(experiment: "e-1", after: first.sequence, through: .max) == [])
        try await store.close()
    }

    /// Who had asked nothing when the experiment began is a newcomer, also where they asked before they were enrolled; so is a
    /// rater of others' answers who had neither rated nor asked.
    @Test func newcomersAreThoseWhoWereNotThereWhenItBegan() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("o1", at: 10, unit: "old", adapter: "support-v1")),
            .rating(Samples.rating("r1", of: "o1", at: 20, rater: "reviewer")),
        ])
        var commit = LoopCommit(deployment: "support")
        var experiment = Samples.experiment()
        experiment.began = try await store.position()
        commit.experiments = [experiment]
        try await store.commit(commit)
        _ = try await store.append([
            .interaction(Samples.interaction("n1", at: 50, unit: "new", adapter: "support-v1")),
            .rating(Samples.rating("r2", of: "n1", at: 60)),
        ])
        _ = try await store.enrol(
            Enrolments(assignments: [
                Samples.assignment("old", arm: "candidate", at: 100),
                Samples.assignment("new", arm: "candidate", at: 100),
            ]))
        _ = try await store.append([
            .interaction(Samples.interaction("o2", at: 150, unit: "old", adapter: "support-v2")),
            .interaction(Samples.interaction("n2", at: 150, unit: "new", adapter: "support-v2")),
        ])
        for (number, (of, rater)) in [
            ("o2", nil), ("o2", "reviewer"), ("o2", "crowd"), ("n2", nil), ("n2", "new"), ("n2", "old"),
        ].enumerated() {
            _ = try await store.append([.rating(Samples.rating("x\(number)", of: of, at: 200, rater: rater))])
        }
        let assignments = try await store.assignments(experiment: "e-1", limit: 10)
        let newcomers = try await store.newcomers(experiment: "e-1", after: 0, through: .max)
        #expect(
            assignments.filter { newcomers.contains($0.sequence) }.map(\.assignment.unit) == ["new"])
        let last = try #require(assignments.last?.sequence)
        #expect(try await store.newcomers(experiment: "e-1", after: last, through: .max) == [])
        // A newcomer's own rating is known as such by the unit.
        let ratings = try await store.experimentRatings(experiment: "e-1", limit: 100)
        #expect(ratings.map(\.isByNewcomer) == [false, false, true, false, false, false])
        let week = try await store.ratedUnits(deployment: "support", since: Samples.start.advanced(bySeconds: 30))
        #expect(week == (2, 1))
        #expect(try await store.ratedUnits(deployment: "other", since: Samples.start) == (0, 0))
        try await store.close()
    }

    /// The first rating of an answer to a unit that was not there, and the first of a rater who was not, enrolled or not.
    @Test func newcomersComeWithTheirFirstRating() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("o1", at: 10, unit: "old")),
            .rating(Samples.rating("r1", of: "o1", at: 20, rater: "reviewer")),
        ])
        var experiment = Samples.experiment()
        experiment.began = try await store.position()
        var commit = LoopCommit(deployment: "support")
        commit.experiments = [experiment]
        try await store.commit(commit)
        _ = try await store.append([
            .interaction(Samples.interaction("o2", at: 50, unit: "old")),
            .interaction(Samples.interaction("n1", at: 50, unit: "new")),
            .interaction(Samples.interaction("n2", at: 50, unit: "new")),
            .interaction(Samples.interaction("m1", at: 50, unit: "another")),
            .interaction(Samples.interaction("x1", deployment: "other", at: 50, unit: "elsewhere")),
        ])
        for (number, (of, rater)) in [
            ("o2", nil), ("o2", "reviewer"), ("n1", nil), ("n2", "new"), ("n1", "old"), ("o2", "crowd"),
            ("n2", "crowd"), ("early", nil), ("m1", "stranger"),
        ].enumerated() {
            _ = try await store.append([
                .rating(Samples.rating("x\(number)", of: of, at: 100 + Double(number), rater: rater))
            ])
        }
        _ = try await store.append([.rating(Samples.rating("y", of: "x1", deployment: "other", at: 200))])
        let first = try await store.position()
        let rows = try await store.newcomerRatings(experiment: "e-1", position: first, limit: 100)
        #expect(rows.map(\.newcomers) == [["new"], ["crowd"], ["another", "stranger"]])
        #expect(rows.map(\.received) == [103, 106, 109].map { Samples.start.advanced(bySeconds: $0) })
        let page = try await store.newcomerRatings(
            experiment: "e-1", position: first, after: rows[0].sequence, limit: 1)
        #expect(page == [rows[1]])
        // A rating that came before what it rates is seen once both are there.
        _ = try await store.append([.interaction(Samples.interaction("early", at: 120, unit: "third"))])
        let second = try await store.position()
        let early = try await store.earlyNewcomerRatings(experiment: "e-1", from: first, to: second)
        #expect(early.map(\.newcomers) == [["third"]])
        #expect(try await store.newcomerRatings(experiment: "e-1", position: second, limit: 100).count == 4)
        try await store.close()
    }

    @Test func newcomersAreCountedByTheHourInWhichTheyFirstRated() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("o1", at: -60, unit: "old")),
            .interaction(Samples.interaction("o2", at: 50, unit: "old")),
            .interaction(Samples.interaction("n1", at: 50, unit: "new")),
            .interaction(Samples.interaction("m1", at: 3000, unit: "another")),
            .rating(Samples.rating("r0", of: "o1", at: -50, rater: "reviewer")),
            .rating(Samples.rating("r1", of: "o2", at: 60)), .rating(Samples.rating("r2", of: "n1", at: 90)),
            .rating(Samples.rating("r3", of: "n1", at: 260, rater: "crowd")),
            .rating(Samples.rating("r4", of: "o2", at: 265, rater: "reviewer")),
            .rating(Samples.rating("r5", of: "m1", at: 298)), .rating(Samples.rating("r6", of: "m1", at: 299)),
        ])
        // A rating is received a second after its time here; who came is counted once.
        let counts = try await store.newcomersByHour(
            deployment: "support", before: Samples.start.advanced(bySeconds: 299.5), hours: 3, hourSeconds: 99.5)
        #expect(counts == [1, 0, 2])
        let others = try await store.newcomersByHour(
            deployment: "support", before: Samples.start.advanced(bySeconds: 299.5), hours: 3, hourSeconds: 99.5,
            except: ["crowd", "nobody \"here\""])
        #expect(others == [1, 0, 1])
        // Of those who asked within these seconds, by the most within a hundred.
        let busiest = try await store.busiestDaysOfRequests(
            deployment: "support", from: Samples.start, until: Samples.start.advanced(bySeconds: 300), daySeconds: 100)
        #expect(busiest == [1: 2])
        #expect(
            try await store.busiestDaysOfRequests(
                deployment: "support", from: Samples.start.advanced(bySeconds: -100),
                until: Samples.start.advanced(bySeconds: 4000), daySeconds: 10_000_000) == [1: 2, 2: 1])
        #expect(
            try await store.newcomersByHour(
                deployment: "other", before: Samples.start, hours: 2, hourSeconds: 3600) == [0, 0])
        try await store.close()
    }

    /// A rating that came before its interaction is new to the look that first sees both.
    @Test func anEarlyRatingIsSeenOnce() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        let began = try await store.position()
        _ = try await store.enrol(Enrolments(assignments: [Samples.assignment("c", arm: "candidate")]))
        _ = try await store.append([
            .rating(Samples.rating("early", of: "c1", at: 200)),
            .rating(Samples.rating("lost", of: "nothing", at: 200)),
        ])
        let first = try await store.position()
        _ = try await store.append([
            .interaction(Samples.interaction("c1", at: 150, unit: "c", adapter: "support-v2")),
            .rating(Samples.rating("late", of: "c1", at: 300)),
        ])
        let second = try await store.position()
        func early(_ from: LogPosition, _ to: LogPosition) async throws -> [String] {
            try await store.earlyExperimentRatings(experiment: "e-1", from: from, to: to).map(\.id)
        }
        func ratings(_ from: LogPosition, _ to: LogPosition) async throws -> [String] {
            try await store.experimentRatings(experiment: "e-1", position: to, after: from.ratings, limit: 10).map(\.id)
        }
        #expect(try await early(began, first) == [])
        #expect(try await ratings(began, first) == [])
        #expect(try await early(first, second) == ["early"])
        #expect(try await ratings(first, second) == ["late"])
        try await store.close()
    }

    /// What stands in the log before the enrolment counts for nothing, whatever times clients name.
    @Test func whatCameBeforeTheEnrolmentDoesNotCount() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        _ = try await store.append([
            .interaction(Samples.interaction("ahead", at: 900, unit: "c", adapter: "support-v2"))
        ])
        _ = try await store.append(
            [.interaction(Samples.interaction("with", at: 100, unit: "c", adapter: "support-v2"))],
            enrolments: Enrolments(assignments: [Samples.assignment("c", arm: "candidate", at: 100)]))
        let rows = try await store.experimentInteractions(experiment: "e-1", limit: 10)
        #expect(rows.map(\.id) == ["with"])
        try await store.close()
    }

    /// After a rotation of the pseudonym key a unit has a second row, and is one unit in everything that is read.
    @Test func aUnitUnderANewKeyIsTheSameUnit() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        let again = AssignmentRecord(
            experiment: "e-1", unit: "new:c", arm: "candidate", time: Samples.start.advanced(bySeconds: 500),
            exposure: 0.05, enrolledAs: "c")
        _ = try await store.enrol(Enrolments(assignments: [Samples.assignment("c", arm: "candidate")]))
        _ = try await store.append([
            .interaction(Samples.interaction("c1", at: 100, unit: "c", adapter: "support-v2")),
            .rating(Samples.rating("r1", of: "c1", at: 110)),
        ])
        _ = try await store.enrol(Enrolments(assignments: [again]))
        _ = try await store.append([
            .interaction(Samples.interaction("c2", at: 600, unit: "new:c", adapter: "support-v2", key: "k2")),
            .rating(Samples.rating("r2", of: "c2", at: 610, key: "k2")),
            // The same person changes its mind about the first one.
            .rating(Samples.rating("r3", of: "c1", at: 620, rater: "new:c", value: .number(0), key: "k2")),
        ])
        let ratings = try await store.experimentRatings(experiment: "e-1", limit: 10)
        #expect(ratings.map(\.id) == ["r1", "r2", "r3"])
        #expect(ratings.map(\.unit) == ["c", "c", "c"])
        #expect(ratings.map(\.rater) == ["c", "c", "c"])
        #expect(try await store.experimentInteractions(experiment: "e-1", limit: 10).map(\.unit) == ["c", "c"])
        let rows = try await store.assignments(experiment: "e-1", limit: 10)
        #expect(rows.map(\.assignment.enrolledAs) == [nil, "c"])
        #expect(try await store.assignment(experiment: "e-1", units: ["new:c", "c"])?.unit == "c")
        try await store.close()
    }

    @Test func erasuresAreCounted() async throws {
        let folder = try TemporaryFolder()
        let store = try await started(folder)
        _ = try await store.append([.interaction(Samples.interaction("c1", unit: "c"))])
        let before = try await store.lookPosition()
        _ = try await store.erase(units: ["nobody"])
        #expect(try await store.lookPosition().erasures == before.erasures)
        _ = try await store.erase(units: ["c"])
        #expect(try await store.lookPosition().erasures > before.erasures)
        try await store.close()
    }
}
