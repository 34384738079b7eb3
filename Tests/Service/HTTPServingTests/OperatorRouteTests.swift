import OutboundHTTP
import Store
import Testing
import Values

@Suite("Operators' routes") struct OperatorRouteTests {
    private static let deployment = "/v1/deployments/support-en"

    @Test func anActionIsDoneOnceForItsId() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["operate", "read"])
            let pause: JSONValue = ["id": "a-1", "action": "pause", "reason": "maintenance"]
            let first = try await daemon.send("POST", "\(Self.deployment)/actions", pause, token: token)
            #expect(first.status == 202 && first.json["id"] == "a-1")
            let view = try await daemon.send("GET", Self.deployment, token: token)
            #expect(view.json["paused"] == true)
            _ = try await daemon.send(
                "POST", "\(Self.deployment)/actions", ["id": "a-2", "action": "resume", "reason": "done"], token: token)
            // The repetition is answered as it was, and pauses nothing again.
            let repeated = try await daemon.send("POST", "\(Self.deployment)/actions", pause, token: token)
            #expect(repeated.status == 202 && repeated.json == first.json)
            let after = try await daemon.send("GET", Self.deployment, token: token)
            #expect(after.json["paused"] == nil)
            let other = try await daemon.send(
                "POST", "\(Self.deployment)/actions", ["id": "a-1", "action": "resume", "reason": "x"], token: token)
            #expect(other.status == 409)
            let moved = try await daemon.send(
                "POST", "\(Self.deployment)/actions",
                ["id": "a-3", "action": "approve", "cycle": "c-9", "reason": "looks good"], token: token)
            #expect(moved.status == 409)
            let bad = try await daemon.send(
                "POST", "\(Self.deployment)/actions", ["id": "a-4", "action": "dance", "reason": ""], token: token)
            #expect(bad.status == 400 && bad.json["field"] == "action")
        }
    }

    @Test func theRampIsHeldAndTermsBelongToAnApproval() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            func act(_ action: JSONValue) async throws -> (status: Int, json: JSONValue) {
                let answer = try await daemon.send("POST", "\(Self.deployment)/actions", action)
                return (answer.status, answer.json)
            }
            let experiment = "\(Self.deployment)/experiments/\(ExperimentUnderTest.id)"
            let held = try await act(["id": "h-1", "action": "holdRamp", "reason": "a holiday"])
            #expect(held.status == 202 && held.json["state"] == "experimenting")
            let shown = try await daemon.send("GET", experiment).json
            #expect(shown["heldBy"]?.stringValue != nil)
            #expect(shown["next"] == "goes on when it is let go (retunectl ab release)")
            #expect(
                try await daemon.send("GET", Self.deployment).json["cycle"]?["next"]
                    == "goes on when it is let go (retunectl ab release)")
            #expect(try await act(["id": "h-2", "action": "holdRamp", "reason": "again"]).status == 409)
            #expect(try await act(["id": "h-3", "action": "releaseRamp", "reason": "over"]).status == 202)
            #expect(try await daemon.send("GET", experiment).json["heldBy"] == nil)
            let wrong: [(JSONValue, String)] = [
                (["id": "t-1", "action": "pause", "reason": "", "terms": ["comparison": "superiority"]], "terms"),
                (
                    ["id": "t-2", "action": "approve", "reason": "", "terms": ["comparison": "better"]],
                    "terms.comparison"
                ),
                (
                    [
                        "id": "t-3", "action": "approve", "reason": "",
                        "terms": ["comparison": "nonInferiority", "minimumEffect": 0.1],
                    ], "terms.minimumEffect"
                ),
                (
                    [
                        "id": "t-4", "action": "approve", "reason": "",
                        "terms": ["comparison": "nonInferiority", "margin": 0.9],
                    ], "terms.margin"
                ),
                (["id": "t-5", "action": "promote", "reason": "", "step": 2], "step"),
                (["id": "t-6", "action": "advance", "reason": "", "step": 0], "step"),
            ]
            for (action, field) in wrong {
                let answer = try await act(action)
                #expect(answer.status == 400, "\(field): \(answer.json)")
                #expect(answer.json["field"]?.stringValue == field, "\(answer.json)")
            }
        }
    }

    @Test func nothingThatNeverServedIsGoneBackTo() async throws {
        try await DaemonUnderTest.run { daemon in
            var commit = LoopCommit(deployment: "support-en")
            commit.adapters = [
                AdapterRecord(
                    deployment: "support-en", name: "support-en-v7", version: 7, status: .rejected, cycle: "c-7",
                    created: Timestamp(milliseconds: 1_777_000_000_000))
            ]
            commit.cycles = [
                CycleRecord(
                    id: "c-7", deployment: "support-en", state: "rejected", trigger: "operator",
                    started: Timestamp(milliseconds: 1_777_000_000_000))
            ]
            _ = try await daemon.store.commit(commit)
            let answer = try await daemon.send(
                "POST", "\(Self.deployment)/actions",
                ["id": "a-7", "action": "rollback", "adapter": "support-en-v7", "reason": "by mistake"])
            #expect(answer.status == 409 && answer.json["detail"]?.stringValue?.contains("never served") == true)
            let unknown = try await daemon.send(
                "POST", "\(Self.deployment)/actions",
                ["id": "a-8", "action": "rollback", "adapter": "nope", "reason": "a slip"])
            #expect(unknown.status == 404 && unknown.json["detail"]?.stringValue?.contains("named nope") == true)
        }
    }

    @Test func theLoopIsShown() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            let token = try await daemon.token(["read"])
            let view = try await daemon.send("GET", Self.deployment, token: token)
            #expect(view.json["cycle"]?["state"] == "experimenting" && view.json["cycle"]?["id"] == "c-1")
            let cycles = try await daemon.send("GET", "\(Self.deployment)/cycles", token: token)
            #expect(cycles.json["cycles"]?.arrayValue?.first?["adapter"] == "support-en-v2")
            let dossier = try await daemon.send("GET", "\(Self.deployment)/cycles/c-1/dossier", token: token)
            #expect(
                dossier.json["training"] == [
                    [
                        "record": "sha256:aa", "interaction": "i-1", "rating": "r-1", "set": "train", "weight": 1,
                    ]
                ])
            #expect(dossier.json["data"] == ["rows": 12] && dossier.json["experiment"]?["id"] == "e-1")
            let adapter = try await daemon.send("GET", "\(Self.deployment)/adapters/support-en-v2", token: token)
            #expect(adapter.json["state"] == "candidate" && adapter.json["cycle"] == "c-1")
            let of = try await daemon.send("GET", "\(Self.deployment)/adapters/support-en-v2/dossier", token: token)
            #expect(of.json["cycle"] == "c-1")
            for path in ["drift", "impact", "adapters", "experiments", "plan"] {
                let answer = try await daemon.send("GET", "\(Self.deployment)/\(path)", token: token)
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            for path in ["cycles/c-9", "adapters/none", "experiments/e-9", "experiments/e-9/ratings"] {
                let answer = try await daemon.send("GET", "\(Self.deployment)/\(path)", token: token)
                #expect(answer.status == 404, "\(path)")
            }
            let found1 = try await daemon.send("GET", "/v1/deployments/none", token: token)
            #expect(found1.status == 404)
        }
    }

    /// The plan is made from requests that name unit and adapter, and the traffic shows them without their texts.
    @Test func thePlanIsMadeFromTheTraffic() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            let token = try await daemon.token(["read", "ingest"])
            let empty = try await daemon.send("GET", "\(Self.deployment)/plan", token: token).json
            #expect(empty["feasible"] == false && empty["mean"] == nil && empty["harm"] == [])
            for number in 0..<4 {
                _ = try await daemon.send(
                    "POST", "/v1/interactions", Records.interaction("i-\(number)", adapter: "support-en"), token: token)
            }
            _ = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-no-adapter"), token: token)
            _ = try await daemon.send("POST", "/v1/ratings", Records.rating("r-1", of: "i-1"), token: token)
            let path = "\(Self.deployment)/traffic"
            let rows = try await daemon.send("GET", path, token: token).lines
            #expect(rows.count == 4)
            #expect(rows.map { $0["scores"]?.arrayValue?.count } == [0, 1, 0, 0])
            #expect(rows[1]["scores"]?.arrayValue?.first?["score"]?.doubleValue.map { $0 == 0 || $0 == 1 } == true)
            #expect(rows.allSatisfy { $0["unit"]?.stringValue?.utf8.count == 32 && $0["messages"] == nil })
            let page = try await daemon.send("GET", "\(path)?limit=2", token: token)
            #expect(page.lines.count == 2 && page.headers["retuned-next"] != nil)
            let plan = try await daemon.send("GET", "\(Self.deployment)/plan", token: token).json
            #expect(plan["mean"] == rows[1]["scores"]?.arrayValue?.first?["score"])
            #expect(plan["detail"]?.stringValue?.contains("alike") == true)
        }
    }

    /// What started a cycle and what it read: as it was, but for the texts of people who were erased since.
    @Test func theDossierHasAlarmAndWindow() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            let token = try await daemon.token(["read", "ingest", "erase"])
            _ = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-1"), token: token)
            let path = "\(Self.deployment)/cycles/c-1/dossier"
            let dossier = try await daemon.send("GET", path, token: token).json
            let alarm = dossier["alarm"]
            #expect(alarm?["detector"] == "queries" && alarm?["effectSize"] == 0.9)
            #expect(alarm?["newTerms"] == [["term": "invoice", "before": 0.01, "after": 0.25]])
            #expect(alarm?["newQueries"]?.arrayValue?.count == 1)
            #expect(dossier["window"]?["interactions"] == 40 && dossier["window"]?["units"] == 20)
            #expect(dossier["redactions"] == ["email": 3])
            _ = try await daemon.send("DELETE", "\(Self.deployment)/units", ["unit": "user-1"], token: token)
            let after = try await daemon.send("GET", path, token: token).json
            #expect(after["alarm"]?["newQueries"] == [] && after["window"] == dossier["window"])
        }
    }

    @Test func aPersonIsShownAndForgotten() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["ingest", "erase"])
            let batch: JSONValue = [
                Records.interaction("i-1"), Records.interaction("i-2", unit: "user-2"), Records.interaction("i-3"),
            ]
            _ = try await daemon.send("POST", "/v1/interactions", batch, token: token)
            let export = try await daemon.send(
                "POST", "\(Self.deployment)/units/export", ["unit": "user-1"], token: token)
            #expect(export.lines.map { $0["row"]?["id"] } == ["i-1", "i-3"])
            let erased = try await daemon.send("DELETE", "\(Self.deployment)/units", ["unit": "user-1"], token: token)
            #expect(erased.status == 200 && erased.json["interactions"] == 2 && erased.json["adapters"] == [])
            let found2 = try await daemon.store.counts(deployment: "support-en")
            #expect(found2.interactions == 1)
            // A job under way with somebody's record is told of, once the loop has taken a step.
            let row = OpenJobRow(record: "sha256:2", interaction: "i-2", rating: nil, set: .train, weight: 1)
            let isOpen = try await daemon.store.openJob(
                "j-9", deployment: "support-en", rows: [row], erasures: try await daemon.store.erasures())
            #expect(isOpen)
            let other = try await daemon.send("DELETE", "\(Self.deployment)/units", ["unit": "user-2"], token: token)
            #expect(other.json["detail"]?.stringValue?.contains("Under way with it: j-9") == true)
        }
    }

    @Test func webhooksThatAreNotThereAreNotFound() async throws {
        try await DaemonUnderTest.run { daemon in
            let found3 = try await daemon.send("GET", "/v1/webhooks")
            #expect(found3.json == ["webhooks": []])
            let found4 = try await daemon.send("GET", "/v1/webhooks/dead-letters")
            #expect(found4.json == ["deadLetters": []])
            let found5 = try await daemon.send("POST", "/v1/webhooks/test", ["webhook": "none"])
            #expect(found5.status == 404)
            let found6 = try await daemon.send("POST", "/v1/webhooks/resend", ["ids": ["none"]])
            #expect(found6.status == 404)
            let found7 = try await daemon.send("POST", "/v1/webhooks/enable", ["webhook": "none"])
            #expect(found7.status == 404)
        }
    }
}
