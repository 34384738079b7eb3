import Contracts
import Store
import Testing
import Traffic
import Tuning
import Values

/// Which rows teach, what they weigh, and that it depends on the records alone.
@Suite("TrainingData")
struct TrainingDataTests {
    static let border = Timestamp(milliseconds: 1_780_000_000_000)

    static func rules(
        heldout: Double = 0.2, replay: Double = 0.4, unit: Int = 100, rater: Int = 100, maximum: Int = 6000,
        own: Double = 0.9, undesirable: Bool = false, seed: UInt64 = 7
    ) -> TrainingDataRules {
        TrainingDataRules(
            recentFrom: border, nearFrom: border.advanced(bySeconds: -100),
            scales: ["thumb": RatingScale(name: "thumb", kind: .thumb, good: 1, bad: 0)],
            goal: "thumb", heldoutShare: heldout, replayShare: replay, rowsPerUnit: unit, rowsPerRater: rater,
            maximumRows: maximum, ownAnswersShare: own, keepsUndesirable: undesirable, seed: seed)
    }

    static func rating(
        _ id: String, value: Double, correction: String? = nil, rater: String? = nil, at seconds: Double = 60,
        sequence: Int64 = 1, scale: String = "thumb", redacted: [Range<Int>] = []
    ) -> StoredRating {
        StoredRating(
            sequence: sequence,
            logged: LoggedRating(
                rating: Rating(
                    id: id, deployment: "support", interaction: "i", time: border.advanced(bySeconds: seconds),
                    rater: rater, scale: scale, value: .number(value), correction: correction),
                keyID: "k", bodyHash: [1], record: "sha256:\(id)", received: border, redactedCorrection: redacted,
                redactions: [:]))
    }

    static func row(
        _ number: Int, unit: String?, recent: Bool = true, text: String? = nil, response: String? = "card arrival",
        ratings: [StoredRating], redacted: [Range<Int>] = [], parts: Bool = false
    ) -> RatedInteraction {
        RatedInteraction(
            interaction: StoredInteraction(
                sequence: Int64(number),
                logged: LoggedInteraction(
                    interaction: Interaction(
                        id: "i-\(number)", deployment: "support", time: border.advanced(bySeconds: recent ? 10 : -10),
                        unit: unit,
                        messages: [
                            Message(
                                role: "user",
                                content: parts ? .parts(.array([])) : .text(text ?? "question \(number)"))
                        ], response: response, error: response == nil ? "time-out" : nil),
                    keyID: "k", bodyHash: [1], record: "sha256:\(number)", received: border,
                    redactedResponse: redacted, redactions: [:], fromGateway: false)), ratings: ratings)
    }

    /// Good rows of many units, every fourth one bad, half of those corrected; old ones before the border.
    static func traffic(_ count: Int, units: Int = 40) -> [RatedInteraction] {
        (0..<count).map { number in
            let isBad = number % 4 == 0
            return row(
                number, unit: "u\(number % units)", recent: number % 2 == 0,
                ratings: [
                    rating(
                        "r\(number)", value: isBad ? 0 : 1,
                        correction: isBad && number % 8 == 0 ? "lost card" : nil, sequence: Int64(number))
                ])
        }
    }

    @Test("Any order of the input gives the same rows; another seed gives others")
    func determinism() {
        let rows = Self.traffic(800)
        let first = TrainingData(interactions: rows, rules: Self.rules())
        #expect(TrainingData(interactions: rows.reversed(), rules: Self.rules()) == first)
        let mixed = rows.enumerated().sorted { $0.offset * 7919 % 800 < $1.offset * 7919 % 800 }.map(\.element)
        #expect(TrainingData(interactions: mixed, rules: Self.rules()) == first)
        #expect(TrainingData(interactions: rows, rules: Self.rules(seed: 8)) != first)
    }

    @Test("No unit stands on both sides, and replay is at least a third")
    func splitAndReplay() {
        let data = TrainingData(interactions: Self.traffic(1600), rules: Self.rules())
        let train = Set(data.train.map(\.example.unit))
        #expect(train.isDisjoint(with: data.heldout.map(\.example.unit)))
        #expect(train.isDisjoint(with: data.old.map(\.example.unit)))
        #expect(data.train.allSatisfy { $0.isReplay == (($0.interaction.last?.wholeNumberValue ?? 0) % 2 == 1) })
        #expect(data.report.replay * 3 >= data.report.train)
        #expect(!data.heldout.isEmpty && !data.old.isEmpty)
        #expect(data.heldout.allSatisfy { !$0.isReplay })
        #expect(data.old.allSatisfy { $0.isReplay })
    }

    @Test("At most so many rows of a unit and of a rater")
    func caps() {
        let rows = (0..<100).map { Self.row($0, unit: "u\($0 % 2)", ratings: [Self.rating("r\($0)", value: 1)]) }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, unit: 10, own: 1))
        #expect(data.train.count == 20)
        #expect(data.report.overUnitCap == 80)
        let one = (0..<100).map {
            Self.row($0, unit: "u\($0)", ratings: [Self.rating("r\($0)", value: 1, rater: "busy")])
        }
        let rated = TrainingData(interactions: one, rules: Self.rules(heldout: 0, replay: 0, rater: 15, own: 1))
        #expect(rated.train.count == 15)
        #expect(rated.report.overRaterCap == 85)
    }

    @Test("A correction weighs the inverse of its chance to be given, at most 10")
    func weights() {
        let rows = (0..<40).map { number in
            Self.row(
                number, unit: "u\(number)",
                ratings: [Self.rating("r\(number)", value: 0, correction: number % 4 == 0 ? "right \(number)" : nil)])
        }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 1))
        #expect(data.train.count == 10)
        #expect(data.train.allSatisfy { $0.example.weight == 4 && $0.isCorrection })
        let rare = (0..<40).map { number in
            Self.row(
                number, unit: "u\(number)",
                ratings: [Self.rating("r\(number)", value: 0, correction: number == 0 ? "right" : nil)])
        }
        #expect(
            TrainingData(interactions: rare, rules: Self.rules(heldout: 0, replay: 0)).report.correctionWeight == 10)
    }

    @Test("Identical rows become one, which counts for at most five")
    func duplicates() {
        let rows = (0..<12).map {
            Self.row(
                $0, unit: "u\($0)", text: $0 < 9 ? "same" : "other \($0)", ratings: [Self.rating("r\($0)", value: 1)])
        }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 1))
        #expect(data.train.count == 4)
        #expect(data.train.map(\.example.weight).max() == 5)
        #expect(data.report.duplicates == 8)
    }

    @Test("The model's own answers stay under their share")
    func ownAnswers() {
        let rows = (0..<100).map { number in
            Self.row(
                number, unit: "u\(number)",
                ratings: [
                    Self.rating("r\(number)", value: number < 10 ? 0 : 1, correction: number < 10 ? "c\(number)" : nil)
                ])
        }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 0.5))
        #expect(data.train.count { $0.isCorrection } == 10)
        #expect(data.train.count == 20)
        #expect(data.report.ownAnswersDropped == 80)
    }

    @Test("Redacted spans go along; rows that are mostly placeholder do not teach")
    func redaction() {
        let rows = [
            Self.row(
                1, unit: "a", response: "write to [e-mail] now", ratings: [Self.rating("r1", value: 1)],
                redacted: [9..<17]),
            Self.row(2, unit: "b", response: "[e-mail]", ratings: [Self.rating("r2", value: 1)], redacted: [0..<8]),
            Self.row(
                3, unit: "c",
                ratings: [Self.rating("r3", value: 0, correction: "call [phone] please", redacted: [5..<12])]),
        ]
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 1))
        #expect(data.report.mostlyRedacted == 1)
        #expect(Set(data.train.map(\.example.redacted)) == [[[9, 17]], [[5, 12]]])
    }

    @Test("What does not teach: no rating, an error, parts, a tie, another scale, a bad answer without correction")
    func unteachable() {
        let rows = [
            Self.row(1, unit: "a", ratings: []),
            Self.row(2, unit: "b", response: nil, ratings: [Self.rating("r2", value: 1)]),
            Self.row(3, unit: "c", ratings: [Self.rating("r3", value: 1)], parts: true),
            Self.row(
                4, unit: "d",
                ratings: [
                    Self.rating("r4", value: 1, rater: "x"), Self.rating("r5", value: 0, rater: "y", sequence: 2),
                ]),
            Self.row(5, unit: "e", ratings: [Self.rating("r6", value: 5, scale: "stars")]),
            Self.row(6, unit: "f", ratings: [Self.rating("r7", value: 0)]),
        ]
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 1))
        #expect(data.train == [])
        #expect(data.report.interactions == 6)
        #expect(data.report.rated == 5)
        #expect(data.report.unteachable == 4)
        let preferences = TrainingData(
            interactions: rows, rules: Self.rules(heldout: 0, replay: 0, own: 1, undesirable: true))
        #expect(preferences.train.map(\.interaction) == ["i-6"])
        #expect(preferences.train.allSatisfy { !$0.example.desirable })
        #expect(preferences.report.train == 0)
        #expect(preferences.report.undesirable == 1)
    }

    @Test("Several ratings: the majority decides, the newest correction is the answer, and its rating is named")
    func severalRatings() throws {
        let rows = [
            Self.row(
                1, unit: "a",
                ratings: [
                    Self.rating("r1", value: 0, correction: "first", rater: "x", at: 10, sequence: 5),
                    Self.rating("r2", value: 0, correction: "second", rater: "y", at: 20, sequence: 3),
                    Self.rating("r3", value: 0, rater: "z", at: 30, sequence: 4),
                ])
        ]
        let row = try #require(
            TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0)).train.first)
        #expect(row.example.answer == "second")
        #expect(row.rating == "r2")
        #expect(row.isCorrection)
    }

    @Test("Undesirable rows do not eat the share of replay")
    func undesirableBesideReplay() {
        let rows = (0..<400).map { number in
            let isBad = number % 2 == 0
            return Self.row(
                number, unit: "u\(number % 50)", recent: number % 4 < 2,
                ratings: [
                    Self.rating(
                        "r\(number)", value: isBad ? 0 : 1, correction: isBad && number % 8 == 0 ? "c\(number)" : nil)
                ])
        }
        for keeps in [false, true] {
            let report = TrainingData(interactions: rows, rules: Self.rules(undesirable: keeps)).report
            #expect(report.replay * 3 >= report.train)
        }
    }

    @Test("Half of the replayed rows are of the last weeks before, and replay holds its share of the weight")
    func replay() throws {
        let rows = (0..<800).map { number in
            let isOld = number % 4 != 0
            var row = Self.row(
                number, unit: "u\(number % 50)", recent: !isOld,
                ratings: [
                    Self.rating(
                        "r\(number)", value: isOld || number % 8 == 0 ? 1 : 0,
                        correction: !isOld && number % 16 == 4 ? "c\(number)" : nil)
                ])
            // One old row in ten is near.
            if isOld, number % 10 != 1 {
                row.interaction.logged.interaction.time = Self.border.advanced(bySeconds: -5000)
            }
            return row
        }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 0.5))
        let times = Dictionary(
            uniqueKeysWithValues: rows.map { ($0.interaction.logged.record, $0.interaction.logged.interaction.time) })
        let replayed = data.train.filter(\.isReplay)
        let near = replayed.count { (times[$0.example.record] ?? Self.border) >= Self.border.advanced(bySeconds: -100) }
        let allNear = rows.count { $0.interaction.logged.interaction.time == Self.border.advanced(bySeconds: -10) }
        #expect(replayed.count * 2 == data.train.count)
        #expect(near == min(allNear, replayed.count - replayed.count / 2))
        let weight = { (rows: [TrainingData.Row]) in rows.reduce(0) { $0 + $1.example.weight } }
        #expect(abs(weight(replayed) / weight(data.train) - 0.5) < 1e-9)
        let few = TrainingData(
            interactions: rows.filter {
                $0.interaction.logged.interaction.time >= Self.border || $0.interaction.sequence % 30 == 7
            }, rules: Self.rules(heldout: 0, replay: 0.5))
        #expect(few.train.filter(\.isReplay).allSatisfy { $0.example.weight <= 4 })
    }

    @Test("Half of the replayed rows are as they came, half of the answers that are rarest among them")
    func rareAnswers() {
        let rows = (0..<1000).map { number in
            let isOld = number % 5 != 0
            // Of 800 old rows 30 give one of five rare answers; new ones are all alike in kind.
            let answer = isOld && number % 27 == 3 ? "rare \(number % 5)" : "common"
            return Self.row(
                number, unit: "u\(number % 50)", recent: !isOld, response: answer,
                ratings: [
                    Self.rating("r\(number)", value: isOld ? 1 : 0, correction: isOld ? nil : "right \(number)")
                ])
        }
        let data = TrainingData(interactions: rows, rules: Self.rules(heldout: 0, replay: 1.0 / 3))
        let replayed = data.train.filter(\.isReplay)
        let rare = rows.count { $0.interaction.logged.interaction.response?.hasPrefix("rare") == true }
        #expect(replayed.count == 100 && rare > 25)
        #expect(replayed.count { $0.example.answer != "common" } == rare)
        #expect(Set(replayed.map(\.example.record)).count == 100)
    }

    @Test("Never more than the maximum")
    func maximum() {
        let data = TrainingData(interactions: Self.traffic(2000), rules: Self.rules(maximum: 100))
        #expect(data.train.count <= 101)
        #expect(data.report.replay * 3 >= data.report.train)
    }

    @Test("What the golden set asks teaches nothing, and is still held out where its unit is")
    func golden() {
        let rows = Self.traffic(400)
        let plain = TrainingData(interactions: rows, rules: Self.rules())
        let asked = plain.train.prefix(10).map(\.example.messages) + plain.heldout.prefix(2).map(\.example.messages)
        var rules = Self.rules()
        rules.golden = Set(asked)
        let data = TrainingData(interactions: rows, rules: rules)
        #expect(data.report.golden == 10 && plain.report.golden == 0)
        #expect(!data.train.contains { rules.golden.contains($0.example.messages) })
        #expect(data.heldout == plain.heldout && data.old == plain.old)
    }
}
