import Store
import Testing
import Traffic
import Values

@Suite("Store compact pseudonyms")
struct CompactPseudonymTests {
    /// Texts that are nearly what the keys write, and some that are far from it.
    private static let odd = [
        "", "u-1", "old:c", String(repeating: "0", count: 31), String(repeating: "0", count: 33),
        "0123456789abcdef0123456789abcdeF", "0123456789abcdef0123456789abcdeg", "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef", "\u{1}23456789abcde", "é123456789abcdef0123456789abcde", " 123456789abcdef0123456789abcdef",
        "x'0123456789abcdef0123456789ab'", "größer", "ﬀ", "👩‍👩‍👧",
    ]

    @Test func everyPseudonymComesBack() throws {
        for first in UInt8.min...UInt8.max {
            let bytes = (0..<16).map { first &+ $0 &* 37 }
            let made = try #require(CompactPseudonym(bytes: bytes))
            #expect(made.text.utf8.count == 32)
            #expect(CompactPseudonym(made.text).bytes == bytes, "\(bytes)")
        }
        let keys = try PseudonymKeys(
            credential: PseudonymKeys.credential(id: "k1", secret: Array(repeating: 7, count: 32)))
        for number in 0..<2000 {
            for kind in [PseudonymKeys.Kind.unit, .conversation] {
                let text = keys.pseudonym(of: "\(number)", kind: kind, deployment: "support")
                let bytes = try #require(CompactPseudonym(text).bytes, "what the keys write is compact")
                #expect(CompactPseudonym(bytes: bytes)?.text == text)
            }
        }
        for text in Self.odd {
            #expect(CompactPseudonym(text).bytes == nil, "\(text)")
            #expect(CompactPseudonym(text).text == text)
        }
        for count in [0, 15, 17, 32] {
            #expect(CompactPseudonym(bytes: Array(repeating: 7, count: count)) == nil)
        }
    }

    /// Whatever form a unit has, everything that is read finds it: by name, in order, with what it asked and rated before and
    /// after, as a rater, and where it is erased.
    @Test func unitsOfEitherFormAreFoundEverywhere() async throws {
        let folder = try TemporaryFolder()
        let store = try Samples.store(folder)
        let canonical = (0..<20).map { number in
            CompactPseudonym(bytes: (0..<16).map { UInt8(truncatingIfNeeded: number * 31 + $0 * 7) })?.text ?? ""
        }
        let units = canonical + Self.odd
        for (index, unit) in units.enumerated() where index.isMultiple(of: 2) {
            _ = try await store.append([
                .interaction(Samples.interaction("b\(index)", unit: unit, adapter: "support-v1")),
                .rating(Samples.rating("rb\(index)", of: "b\(index)")),
            ])
        }
        var commit = LoopCommit(deployment: "support")
        var experiment = Samples.experiment()
        experiment.began = try await store.position()
        commit.experiments = [experiment]
        try await store.commit(commit)
        let assignments = units.enumerated().map { index, unit in
            var assignment = Samples.assignment(unit, arm: index % 3 == 0 ? "candidate" : "incumbent")
            assignment.exposure = [0, 0.05, 1, 1.0 / 3, 0.12345][index % 5]
            assignment.conversation = index % 4 == 0 ? nil : units[units.count - 1 - index]
            assignment.excluded = index % 7 == 6 ? "asked for it" : nil
            return assignment
        }
        #expect(try await store.enrol(Enrolments(assignments: assignments)).assignments == assignments)
        #expect(try await store.assignments(experiment: "e-1", limit: 100).map(\.assignment) == assignments)
        for (index, unit) in units.enumerated() {
            #expect(try await store.assignment(experiment: "e-1", units: [unit]) == assignments[index], "\(unit)")
            let adapter = index % 3 == 0 ? "support-v2" : "support-v1"
            _ = try await store.append([
                .interaction(Samples.interaction("i\(index)", at: 100, unit: unit, adapter: adapter)),
                .rating(Samples.rating("r\(index)", of: "i\(index)", at: 110, rater: units[(index + 1) % units.count])),
            ])
        }
        let counted = units.indices.filter { assignments[$0].excluded == nil }
        let interactions = try await store.experimentInteractions(experiment: "e-1", limit: 100)
        #expect(interactions.map(\.unit) == counted.map { units[$0] })
        #expect(interactions.map(\.arm) == counted.map { assignments[$0].arm })
        let ratings = try await store.experimentRatings(experiment: "e-1", limit: 100)
        #expect(ratings.map(\.unit) == counted.map { units[$0] })
        #expect(ratings.map(\.rater) == counted.map { units[($0 + 1) % units.count] })
        let before = counted.filter { $0.isMultiple(of: 2) }.map { Int64($0 + 1) }
        #expect(try await store.earlierRatings(experiment: "e-1", after: 0, through: .max).map(\.assignment) == before)
        #expect(
            try await store.newcomers(experiment: "e-1", after: 0, through: .max)
                == Set(counted.map { Int64($0 + 1) }).subtracting(before))
        for unit in units { #expect(try await store.erase(units: [unit]).assignments == 1, "\(unit)") }
        #expect(try await store.experiment(id: "e-1")?.erasedUnits == units.count)
        try await store.close()
    }
}
