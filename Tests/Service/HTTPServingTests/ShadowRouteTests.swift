import Experimentation
import Store
import Testing
import Traffic
import Values

@Suite("Shadow routes")
struct ShadowRouteTests {
    private static let path = "/v1/deployments/\(DaemonUnderTest.deployment)/shadows/c-1"

    /// A replay with three queries, of which two are answered; incumbents say "old", candidates "new".
    private static func begin(_ store: DurableStore) async throws {
        let design = ShadowDesign(alpha: 0.05, harmAlpha: 0.2, burnInUnits: 2, tuning: 50, longestSeconds: 86_400)
        var commit = LoopCommit(deployment: DaemonUnderTest.deployment)
        commit.shadows = [
            ShadowRecord(
                cycle: "c-1", deployment: DaemonUnderTest.deployment, incumbent: "support-en",
                candidate: "support-en-v2", design: try StrictJSON.encode(design), trainedUnits: 1,
                started: DaemonUnderTest.now)
        ]
        for index in 1...3 {
            let interaction = Interaction(
                id: "s-\(index)", deployment: DaemonUnderTest.deployment, time: DaemonUnderTest.now, unit: "u-\(index)",
                messages: [Message(role: "user", content: .text("query \(index)"))], response: "logged",
                adapter: "support-en")
            let outcome = try await store.append([
                .interaction(
                    LoggedInteraction(
                        interaction: interaction, keyID: "k1", bodyHash: Array(repeating: 1, count: 32),
                        record: "sha256:s-\(index)", received: DaemonUnderTest.now, redactedResponse: [],
                        redactions: [:], fromGateway: false))
            ])
            guard case .accepted(let sequence) = outcome[0] else { continue }
            commit.shadowQueries.append(ShadowQuery(cycle: "c-1", interaction: sequence, unit: "u-\(index)"))
        }
        try await store.commit(commit)
        for _ in 1...2 {
            let pair = try #require(try await store.unansweredShadowPair(cycle: "c-1"))
            var answers = LoopCommit(deployment: DaemonUnderTest.deployment)
            answers.shadowAnswers = [
                ShadowAnswer(pair: pair.sequence, kind: .incumbent, text: "old"),
                ShadowAnswer(pair: pair.sequence, kind: .candidate, text: "new"),
            ]
            try await store.commit(answers)
        }
    }

    private static func end(_ store: DurableStore) async throws {
        var ended = try #require(try await store.shadow(cycle: "c-1"))
        (ended.ended, ended.decision) = (DaemonUnderTest.now, "stopped")
        var commit = LoopCommit(deployment: DaemonUnderTest.deployment)
        commit.shadows = [ended]
        try await store.commit(commit)
    }

    @Test func pairsAreBlindAndJudgementsTurnThemAround() async throws {
        try await DaemonUnderTest.run { daemon in
            try await Self.begin(daemon.store)
            let reader = try await daemon.token(["read"])
            let before = try await daemon.send("GET", Self.path, token: reader)
            #expect(before.status == 200 && before.json["state"] == "running" && before.json["answered"] == 2)
            #expect(before.json["pairs"] == 3 && before.json["judgedPairs"] == 0 && before.json["mean"] == nil)
            #expect(before.json["trainedUnits"] == 1 && before.json["next"] != nil)

            let judge = try await daemon.token(["judge"])
            // Who may read gets no texts.
            #expect(try await daemon.send("GET", "\(Self.path)/pairs", token: reader).status == 403)
            let pairs = try await daemon.send("GET", "\(Self.path)/pairs?judge=anna", token: judge)
            #expect(pairs.lines.allSatisfy { $0["candidate"] == nil })
            #expect(pairs.lines.map { $0["pair"]?.intValue } == [1, 2])
            #expect(pairs.lines[0]["messages"] == [["role": "user", "content": "query 1"]])
            let salt = try #require(try await daemon.store.shadow(cycle: "c-1")).salt
            #expect(salt.count == 32)
            var lines: [JSONValue] = []
            for pair in pairs.lines {
                let isFirst = ShadowReplay.showsCandidateFirst(salt: salt, pair: pair["pair"]?.intValue ?? 0)
                #expect(pair["first"] == (isFirst ? "new" : "old") && pair["second"] == (isFirst ? "old" : "new"))
                lines.append([
                    "pair": pair["pair"] ?? .null, "judge": "anna",
                    "preferred": pair["first"] == "new" ? "first" : "second",
                ])
            }
            let body = Array(lines.map(\.serialized).joined(separator: [0x0A]))
            let headers = ["content-type": "application/x-ndjson"]
            #expect(
                try await daemon.send("POST", "\(Self.path)/judgements", body, token: reader, headers: headers).status
                    == 403)
            let kept = try await daemon.send("POST", "\(Self.path)/judgements", body, token: judge, headers: headers)
            #expect(kept.status == 200 && kept.json["accepted"] == 2)
            #expect(try await daemon.send("GET", "\(Self.path)/pairs?judge=anna&limit=1", token: judge).lines.isEmpty)
            #expect(try await daemon.send("GET", "\(Self.path)/pairs?limit=1", token: judge).lines.count == 1)
            #expect(try await daemon.store.shadowStanding(cycle: "c-1").answered.map(\.judgements) == [[1], [1]])
            // A judge could learn from the mean whose answer is whose.
            let running = try await daemon.send("GET", Self.path, token: reader).json
            #expect(running["judgedPairs"] == 2 && running["mean"] == nil && running["interval"] == nil)

            // Scores, of another judge: the candidate's 0.2 against 0.8 gives 0.2, and the pair's mean 0.6.
            let isFirst = ShadowReplay.showsCandidateFirst(salt: salt, pair: 1)
            let scored = try await daemon.send(
                "POST", "\(Self.path)/judgements",
                ["pair": 1, "judge": "rubric", "first": isFirst ? 0.2 : 0.8, "second": isFirst ? 0.8 : 0.2],
                token: judge)
            #expect(scored.json["accepted"] == 1)
            let judged = try await daemon.store.shadowStanding(cycle: "c-1").answered.map(\.judgements)
            #expect(judged.map(\.count) == [2, 1] && abs((judged[0].min() ?? 0) - 0.2) < 1e-9)

            try await Self.end(daemon.store)
            let ended = try await daemon.send("GET", Self.path, token: reader).json
            #expect(abs((ended["mean"]?.doubleValue ?? 0) - 0.8) < 1e-9)
            for pair in try await daemon.send("GET", "\(Self.path)/pairs", token: judge).lines {
                #expect(pair["candidate"]?.stringValue.map { pair[$0] ?? .null } == "new")
            }
        }
    }

    @Test func aPersonsAnswersAreShownAndForgotten() async throws {
        try await DaemonUnderTest.run { daemon in
            let deployment = "/v1/deployments/\(DaemonUnderTest.deployment)"
            let token = try await daemon.token(["ingest", "erase"])
            _ = try await daemon.send(
                "POST", "/v1/interactions",
                [Records.interaction("mine"), Records.interaction("other", unit: "user-2")],
                token: token)
            let queries = try await daemon.store.shadowQueries(
                cycle: "c-1", deployment: DaemonUnderTest.deployment, candidate: "support-en-v2", limit: 10)
            #expect(queries.count == 2)
            var commit = LoopCommit(deployment: DaemonUnderTest.deployment)
            commit.shadows = [
                ShadowRecord(
                    cycle: "c-1", deployment: DaemonUnderTest.deployment, incumbent: "support-en",
                    candidate: "support-en-v2", design: [:], started: DaemonUnderTest.now)
            ]
            commit.shadowQueries = queries
            try await daemon.store.commit(commit)
            for _ in queries {
                let pair = try #require(try await daemon.store.unansweredShadowPair(cycle: "c-1"))
                var answers = LoopCommit(deployment: DaemonUnderTest.deployment)
                answers.shadowAnswers = [
                    ShadowAnswer(pair: pair.sequence, kind: .incumbent, text: "old"),
                    ShadowAnswer(pair: pair.sequence, kind: .candidate, text: "new"),
                ]
                try await daemon.store.commit(answers)
            }
            let export = try await daemon.send(
                "POST", "\(deployment)/units/export", ["unit": "user-1"], token: token)
            let shown = export.lines.filter { $0["kind"] == "shadow" }
            #expect(shown.count == 1 && shown.first?["cycle"] == "c-1")
            #expect(
                shown.first?["row"] == [
                    "interaction": "mine", "incumbent": "old", "candidate": "new", "judgements": [],
                ])
            _ = try await daemon.send("DELETE", "\(deployment)/units", ["unit": "user-1"], token: token)
            #expect(try await daemon.store.shadowStanding(cycle: "c-1").pairs == 1)
        }
    }

    @Test func whatIsWrongIsSaid() async throws {
        try await DaemonUnderTest.run { daemon in
            try await Self.begin(daemon.store)
            func post(_ body: JSONValue) async throws -> (status: Int, json: JSONValue) {
                let answer = try await daemon.send("POST", "\(Self.path)/judgements", body)
                return (answer.status, answer.json)
            }
            let wrong: [(JSONValue, String)] = [
                (["pair": 3, "judge": "a", "preferred": "same"], "pair"),
                (["pair": 1, "judge": "", "preferred": "same"], "judge"),
                (["pair": 1, "judge": " ", "preferred": "same"], "judge"),
                (["pair": 1, "judge": "a", "preferred": "third"], "preferred"),
                (["pair": 1, "judge": "a"], "preferred"),
                (["pair": 1, "judge": "a", "first": 0.5], "preferred"),
                (["pair": 1, "judge": "a", "preferred": "first", "first": 1, "second": 0], "preferred"),
                (["pair": 1, "judge": "a", "first": 1.5, "second": 0], "first"),
                (["pair": 1, "judge": "a", "preferred": "same", "why": "x"], "why"),
            ]
            for (body, field) in wrong {
                let answer = try await post(.array([["pair": 1, "judge": "b", "preferred": "same"], body]))
                #expect(answer.status == 400 && answer.json["field"]?.stringValue == field, "\(body)")
                #expect(answer.json["record"] == 1, "\(body)")
            }
            #expect(try await daemon.store.shadowStanding(cycle: "c-1").answered.allSatisfy(\.judgements.isEmpty))
            #expect(
                try await daemon.send("POST", "\(Self.path)/judgements", Array("{".utf8)).json["type"]
                    == "urn:retuned:problem:json-invalid")
            #expect(try await daemon.send("GET", Self.path.replacing("c-1", with: "c-9")).status == 404)
            #expect(try await daemon.send("GET", "\(Self.path)/pairs?judge=").status == 400)

            try await Self.end(daemon.store)
            let late = try await post(["pair": 1, "judge": "a", "preferred": "same"])
            #expect(late.status == 409 && late.json["type"] == "urn:retuned:problem:moved-on")
            let view = try await daemon.send("GET", Self.path).json
            #expect(view["state"] == "ended" && view["decision"] == "stopped" && view["next"] == nil)
        }
    }
}
