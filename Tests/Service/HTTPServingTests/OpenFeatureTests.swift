import OutboundHTTP
import Store
import Testing
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
            commit.looks = [
                LookRecord(
                    experiment: "e-1", number: 1, time: DaemonUnderTest.now, position: .start, result: Self.look),
                LookRecord(
                    experiment: "e-1", number: 2, time: DaemonUnderTest.now,
                    position: try await daemon.store.lookPosition().position, result: Self.look),
            ]
            try await daemon.store.commit(commit)
            let ratings = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1/ratings", token: token
            ).lines
            #expect(ratings.count == 1 && ratings.first?["interaction"] == "i-1" && ratings.first?["look"] == 1)
            let view = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1", token: token)
            #expect(view.json["looks"]?.arrayValue?.count == 2 && view.json["exposure"] == 50)
        }
    }

    private static let look: JSONValue = {
        let arm: JSONValue = ["units": 1, "rated": 1, "ratings": 1, "errors": 0, "requests": 1]
        return [
            "elapsedSeconds": 1, "step": 0, "exposure": 0.5, "incumbent": arm, "candidate": arm, "harmPairs": 0,
            "harmLogWealth": 0, "assignmentPValue": 1, "raterPValue": 1, "guardrails": [], "decision": "goOn",
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
                ("\(Self.path)/support-en", "{\"context\": {}}", 400, "TARGETING_KEY_MISSING"),
                ("\(Self.path)/support-en", "{}", 400, "TARGETING_KEY_MISSING"),
                ("\(Self.path)/support-en", "{\"context\": 3}", 400, "INVALID_CONTEXT"),
                ("\(Self.path)/support-en", "{\"context\": {\"targetingKey\": 3}}", 400, "INVALID_CONTEXT"),
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
