import Experimentation
import OutboundHTTP
import Store
import Testing
import Traffic
import Values

@Suite("OpenFeature evaluation") struct OpenFeatureTests {
    private static let path = "/ofrep/v1/evaluate/flags"

    @Test func aUnitIsAssignedAndEnrolled() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            let token = try await daemon.token(["assign", "read", "ingest"])
            let answer = try await daemon.send(
                "POST", "\(Self.path)/support-en", ["context": ["targetingKey": "user-1", "plan": "gold"]],
                token: token)
            #expect(answer.status == 200 && answer.json["key"] == "support-en" && answer.json["reason"] == "SPLIT")
            #expect(answer.json["metadata"]?["experiment"] == "e-1")
            let served = answer.json["value"]?.stringValue ?? ""
            let isCandidate = served == "support-en-v2"
            #expect(answer.json["variant"] == (isCandidate ? "candidate" : "incumbent"))
            #expect(answer.json["metadata"]?["version"] == (isCandidate ? 2 : 0))
            // What the unit posts from here on counts.
            _ = try await daemon.send(
                "POST", "/v1/interactions", Records.interaction("i-1", adapter: served), token: token)
            _ = try await daemon.send("POST", "/v1/ratings", Records.rating("r-1", of: "i-1"), token: token)
            var commit = LoopCommit(deployment: "support-en")
            // The first look is the loop's own, before anybody came.
            commit.looks = [
                LookRecord(
                    experiment: "e-1", number: 2, time: DaemonUnderTest.now,
                    position: try await daemon.store.lookPosition().position, result: Self.look)
            ]
            try await daemon.store.commit(commit)
            let ratings = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1/ratings", token: token
            ).lines
            #expect(ratings.count == 1 && ratings.first?["interaction"] == "i-1" && ratings.first?["look"] == 1)
            let newcomers = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1/newcomers", token: token
            ).lines
            #expect(newcomers.count == 1 && newcomers.first?["look"] == 1 && newcomers.first?["aside"] == nil)
            #expect(newcomers.first?["newcomers"]?.arrayValue == ratings.first?["unit"].map { [$0] })
            let view = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1", token: token)
            #expect(view.json["looks"]?.arrayValue?.count == 2 && view.json["exposure"] == 50)
        }
    }

    /// A unit that was enrolled before the pseudonym key was changed stays in its arm and counts once.
    @Test func anEnrolledUnitKeepsItsArmOverARotation() async throws {
        let old = PseudonymKeys.credential(id: "k1", secret: Array(0..<32))
        let new = PseudonymKeys.credential(id: "k2", secret: Array(32..<64))
        let (before, after) = (try PseudonymKeys(credential: old), try PseudonymKeys(credential: new + old))
        @Sendable func name(_ unit: String, _ keys: PseudonymKeys) -> String {
            keys.pseudonym(of: unit, kind: .unit, deployment: DaemonUnderTest.deployment)
        }
        // One whom the new pseudonym alone would put into the other arm.
        let assignment = Assignment(salt: "salt")
        let unit = try #require(
            (0..<100).map { "user-\($0)" }.first { unit in
                assignment.group(of: name(unit, before), exposure: 0.5) == .candidate
                    && assignment.group(of: name(unit, after), exposure: 0.5) == .control
            })
        try await DaemonUnderTest.run(withExperiment: true, keys: new + old) { daemon in
            _ = try await daemon.store.enrol(
                Enrolments(assignments: [
                    AssignmentRecord(
                        experiment: "e-1", unit: name(unit, before), arm: "candidate",
                        time: DaemonUnderTest.now.advanced(bySeconds: -60), exposure: 0.25)
                ]))
            let token = try await daemon.token(["assign", "read", "ingest"])
            for _ in 0..<2 {
                let answer = try await daemon.send(
                    "POST", "\(Self.path)/support-en", ["context": ["targetingKey": .string(unit)]], token: token)
                #expect(answer.json["variant"] == "candidate" && answer.json["value"] == "support-en-v2")
            }
            _ = try await daemon.send(
                "POST", "/v1/interactions", Records.interaction("i-1", unit: unit, adapter: "support-en-v2"),
                token: token)
            _ = try await daemon.send("POST", "/v1/ratings", Records.rating("r-1", of: "i-1"), token: token)
            let path = "/v1/deployments/support-en/experiments/e-1"
            let rows = try await daemon.send("GET", "\(path)/assignments", token: token).lines
            #expect(rows.map { $0["unit"] } == [.string(name(unit, before)), .string(name(unit, after))])
            #expect(rows.map { $0["enrolledAs"] } == [nil, .string(name(unit, before))])
            #expect(rows.map { $0["exposure"] } == [25, 25])
            let ratings = try await daemon.send("GET", "\(path)/ratings", token: token).lines
            #expect(ratings.map { $0["unit"] } == [.string(name(unit, before))])
        }
    }

    /// Whom an operator pinned gets what was chosen, and counts in no arm; however the name is composed.
    @Test func aPinnedUnitGetsItsArmAndIsNotEnrolled() async throws {
        let units = (0..<8).map { "vip-\($0)" } + ["Jos\u{E9}"]
        try await DaemonUnderTest.run(withExperiment: true, pinned: (units, ["never-1", "never-2"])) { daemon in
            let token = try await daemon.token(["assign", "read"])
            for (unit, variant, served) in units.map({ ($0, "candidate", "support-en-v2") }) + [
                ("Jose\u{301}", "candidate", "support-en-v2"), ("never-1", "incumbent", "support-en"),
                ("never-2", "incumbent", "support-en"),
            ] {
                let answer = try await daemon.send(
                    "POST", "\(Self.path)/support-en",
                    ["context": ["targetingKey": .string(unit), "conversation": .string("c-\(unit)")]], token: token)
                #expect(answer.json["variant"] == .string(variant), "\(unit)")
                #expect(answer.json["value"] == .string(served), "\(unit)")
                #expect(answer.json["reason"] == "STATIC")
            }
            // In a conversation that somebody else began with the candidate, too.
            let guest = try await daemon.send(
                "POST", "\(Self.path)/support-en",
                ["context": ["targetingKey": "never-1", "conversation": "c-vip-0"]], token: token)
            #expect(guest.json["variant"] == "incumbent" && guest.json["value"] == "support-en")
            let path = "/v1/deployments/support-en/experiments/e-1"
            #expect(try await daemon.send("GET", "\(path)/assignments", token: token).lines.isEmpty)
            let view = try await daemon.send("GET", path, token: token).json
            #expect(view["pinned"] == ["candidate": 9, "incumbent": 2])
        }
    }

    /// A body of so many levels.
    private static func deep(_ levels: Int) -> String {
        "{\"context\": {\"targetingKey\": \"u\", \"more\": " + String(repeating: "[", count: levels - 2)
            + String(repeating: "]", count: levels - 2) + "}}"
    }

    private static let look: JSONValue = {
        let arm: JSONValue = ["units": 1, "rated": 1, "ratings": 1, "errors": 0, "requests": 1]
        return [
            "elapsedSeconds": 1, "step": 0, "exposure": 0.5, "incumbent": arm, "candidate": arm, "harmPairs": 0,
            "harmLogWealth": 0, "assignmentPValue": 1, "raterPValue": 1, "ratedSharesDiffer": false, "isPaused": false,
            "guardrails": [],
            "decision": "goOn",
            "reason": "too early", "next": "another look",
        ]
    }()

    @Test func allFlagsHaveATag() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let body: JSONValue = ["context": ["targetingKey": "user-1"]]
            let answer = try await daemon.send("POST", Self.path, body, token: token)
            #expect(answer.status == 200)
            #expect(answer.json["flags"]?.arrayValue?.first?["value"] == "support-en")
            #expect(answer.json["flags"]?.arrayValue?.first?["reason"] == "STATIC")
            let tag = try #require(answer.headers["etag"])
            let again = try await daemon.send(
                "POST", Self.path, body, token: token, headers: ["if-none-match": tag])
            #expect(again.status == 304 && again.body.isEmpty)
        }
    }

    @Test func errorsAreOpenFeatures() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let cases: [(path: String, body: String, status: Int, code: String)] = [
                ("\(Self.path)/support-en", "{", 400, "PARSE_ERROR"),
                ("\(Self.path)/support-en", Self.deep(33), 400, "PARSE_ERROR"),
                (Self.path, Self.deep(33), 400, "PARSE_ERROR"),
                ("\(Self.path)/support-en", "{\"context\": {}}", 400, "TARGETING_KEY_MISSING"),
                ("\(Self.path)/support-en", "{}", 400, "TARGETING_KEY_MISSING"),
                ("\(Self.path)/support-en", "{\"context\": 3}", 400, "INVALID_CONTEXT"),
                ("\(Self.path)/support-en", "{\"context\": {\"targetingKey\": 3}}", 400, "INVALID_CONTEXT"),
                ("\(Self.path)/support-en", "{\"context\": {\"targetingKey\": \"u \"}}", 400, "INVALID_CONTEXT"),
                ("\(Self.path)/support-en", "{\"context\": {\"targetingKey\": \"u\u{200B}\"}}", 400, "INVALID_CONTEXT"),
                ("\(Self.path)/nowhere", "{\"context\": {\"targetingKey\": \"u\"}}", 404, "FLAG_NOT_FOUND"),
                (Self.path, "{\"context\": {}}", 400, "TARGETING_KEY_MISSING"),
            ]
            for item in cases {
                let answer = try await daemon.send("POST", item.path, Array(item.body.utf8), token: token)
                #expect(answer.status == item.status && answer.json["errorCode"] == .string(item.code), "\(item.body)")
            }
        }
    }
}
