import Testing
import Traffic
import Values

@Suite("Pseudonyms") struct PseudonymTests {
    static let first = Array(0..<32 as Range<UInt8>)
    static let second = Array(repeating: 9 as UInt8, count: 40)

    @Test func dependOnKeyKindAndDeployment() throws {
        let keys = try PseudonymKeys(credential: PseudonymKeys.credential(id: "a", secret: Self.first))
        let unit = keys.pseudonym(of: "user-17", kind: .unit, deployment: "d")
        #expect(unit == keys.pseudonym(of: "user-17", kind: .unit, deployment: "d"))
        #expect(unit.count == 32 && unit.allSatisfy { "0123456789abcdef".contains($0) })
        let others = [
            keys.pseudonym(of: "user-18", kind: .unit, deployment: "d"),
            keys.pseudonym(of: "user-17", kind: .conversation, deployment: "d"),
            keys.pseudonym(of: "user-17", kind: .unit, deployment: "e"),
            keys.pseudonym(of: "7", kind: .unit, deployment: "duser-1"),
            try PseudonymKeys(credential: PseudonymKeys.credential(id: "a", secret: Self.second))
                .pseudonym(of: "user-17", kind: .unit, deployment: "d"),
        ]
        #expect(Set(others + [unit]).count == 6)
    }

    @Test func namesThatReadAlikeAreOnePerson() throws {
        let keys = try PseudonymKeys(credential: PseudonymKeys.credential(id: "a", secret: Self.first))
        let composed = keys.pseudonym(of: "Andr\u{E9}", kind: .unit, deployment: "d")
        #expect(composed == keys.pseudonym(of: "Andre\u{301}", kind: .unit, deployment: "d"))
        #expect(composed != keys.pseudonym(of: "Andre", kind: .unit, deployment: "d"))
    }

    /// Kept here so that a change of the construction, which would orphan every stored row, does not pass unseen.
    @Test func constructionIsFixed() throws {
        let keys = try PseudonymKeys(credential: PseudonymKeys.credential(id: "a", secret: Self.first))
        #expect(
            keys.pseudonym(of: "user-17", kind: .unit, deployment: "support-en") == "cd3ab2b27b72976aff4d3cdce277ecf7")
    }

    @Test func rotationKeepsTheOldOnesKnown() throws {
        let old = try PseudonymKeys(credential: PseudonymKeys.credential(id: "a", secret: Self.first))
        let text =
            "# rotated\n" + PseudonymKeys.credential(id: "b", secret: Self.second) + "\n"
            + PseudonymKeys.credential(id: "a", secret: Self.first)
        let new = try PseudonymKeys(credential: text)
        #expect(new.currentID == "b" && new.ids == ["b", "a"])
        let all = new.allPseudonyms(of: "u", kind: .unit, deployment: "d")
        #expect(all.map(\.keyID) == ["b", "a"])
        #expect(all[1].pseudonym == old.pseudonym(of: "u", kind: .unit, deployment: "d"))
        #expect(all[0].pseudonym == new.pseudonym(of: "u", kind: .unit, deployment: "d"))
        #expect(new.bodyHash(of: [1, 2], keyID: "a") == old.bodyHash(of: [1, 2], keyID: "a"))
        #expect(new.bodyHash(of: [1, 2], keyID: "b") != new.bodyHash(of: [1, 2], keyID: "a"))
        #expect(new.bodyHash(of: [1, 2], keyID: "z") == nil)

        var edge = TrafficEdgeTests.edge
        edge.keys = old
        let before = try edge.interaction(
            from: TrafficEdgeTests.interaction.objectValue!, received: TrafficEdgeTests.now)
        edge.keys = new
        let after = try edge.interaction(
            from: TrafficEdgeTests.interaction.objectValue!, received: TrafficEdgeTests.now)
        #expect(after.keyID == "b" && after.earlierBodyHashes["a"] == before.bodyHash)
    }

    @Test(arguments: [
        "", "# nothing\n", "a", "a b c", "a !!!!", "a AAAA", "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\na AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ])
    func refusesCredentials(text: String) {
        let error = #expect(throws: PseudonymKeyError.self) { try PseudonymKeys(credential: text) }
        #expect(error?.description.contains("AAAA") == false)
    }

    @Test func readsWhatOpenSSLWrites() throws {
        let keys = try PseudonymKeys(credential: "2026-05 q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\r\n")
        #expect(keys.currentID == "2026-05")
    }

    @Test func digestsAreThoseOfTheCanonicalForm() {
        // printf '{"a":1}' | sha256sum
        #expect(
            RecordDigest.digest(of: ["a": 1.0])
                == "sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
    }
}
