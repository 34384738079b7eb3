import Testing
import Traffic
import Values

@Suite("Traffic at the edge") struct TrafficEdgeTests {
    static let now = Timestamp("2026-05-01T10:00:00Z")!
    static let keys = try! PseudonymKeys(
        credential: PseudonymKeys.credential(id: "k1", secret: Array(repeating: 7, count: 32)))
    static let edge = TrafficEdge(
        keys: keys,
        scales: [
            "support-en": [
                RatingScale(name: "thumb", kind: .thumb, good: 1, bad: 0),
                RatingScale(name: "stars", kind: .stars, good: 4, bad: 2),
                RatingScale(name: "mood", kind: .label(["sad", "glad"]), good: 1, bad: 0),
                RatingScale(name: "score", kind: .number(minimum: -1, maximum: 1), good: 0.5, bad: 0),
            ]
        ])

    static let interaction: JSONValue = [
        "id": "c7f1", "deployment": "support-en", "time": "2026-05-01T09:30:00Z", "unit": "user-17",
        "conversation": "conv-4", "messages": [["role": "user", "content": "Where is my card 4111111111111111?"]],
        "response": "mail a@b.co", "adapter": "support-en-v3", "latencyMilliseconds": 84.1,
        "timeToFirstTokenMilliseconds": 31.0, "promptTokens": 21, "completionTokens": 3, "logProbability": -0.41,
        "metadata": ["channel": "web", "phone": "5551234567"],
    ]
    static let rating: JSONValue = [
        "id": "r-1", "deployment": "support-en", "interaction": "c7f1", "time": "2026-05-01T09:31:10Z",
        "rater": "user-17", "value": 1, "comment": "call 555-123-4567", "correction": "write to a@b.co",
    ]

    static func logged(_ value: JSONValue) throws -> LoggedInteraction {
        try edge.interaction(from: value.objectValue!, received: now)
    }

    static func changed(_ value: JSONValue, _ name: String, _ new: JSONValue?) -> JSONValue {
        var object = value.objectValue!
        object[name] = new
        return .object(object)
    }

    static func error(_ value: JSONValue, rating: Bool = false) -> TrafficError? {
        do {
            if rating {
                _ = try edge.rating(from: value.objectValue!, record: 2, received: now)
            } else {
                _ = try edge.interaction(from: value.objectValue!, record: 2, received: now)
            }
            return nil
        } catch { return error }
    }

    @Test func redactsAndNames() throws {
        let logged = try Self.logged(Self.interaction)
        let row = logged.interaction
        #expect(row.messages == [Message(role: "user", content: .text("Where is my card [CARD]?"))])
        #expect(row.response == "mail [EMAIL]" && logged.redactedResponse == [5..<12])
        #expect(row.metadata == ["channel": "web", "phone": "[PHONE]"])
        #expect(logged.redactions == ["card": 1, "email": 1, "phone": 1])
        #expect(row.unit == Self.keys.pseudonym(of: "user-17", kind: .unit, deployment: "support-en"))
        #expect(row.conversation?.count == 32 && row.conversation != row.unit)
        #expect(logged.keyID == "k1" && logged.bodyHash.count == 32 && !logged.fromGateway)
        #expect(logged.record == RecordDigest.digest(of: row.json) && logged.record.count == 71)
        #expect(row.id == "c7f1" && row.latencyMilliseconds == 84.1 && row.promptTokens == 21)
        let text = row.json.text
        for secret in ["user-17", "conv-4", "4111", "a@b.co", "555"] { #expect(!text.contains(secret)) }
    }

    @Test func raterAndUnitHaveTheSamePseudonym() throws {
        let rating = try Self.edge.rating(from: Self.rating.objectValue!, received: Self.now)
        #expect(rating.rating.rater == (try Self.logged(Self.interaction)).interaction.unit)
        #expect(rating.rating.scale == "thumb" && rating.rating.comment == "call [PHONE]")
        #expect(rating.rating.correction == "write to [EMAIL]" && rating.redactedCorrection == [9..<16])
        let silent = try Self.edge.rating(
            from: Self.changed(Self.rating, "rater", nil).objectValue!, received: Self.now)
        #expect(silent.rating.rater == nil)
    }

    @Test func bodyHashIgnoresSpellingButNotContent() throws {
        let hash = try Self.logged(Self.interaction).bodyHash
        var reversed = Self.interaction.objectValue!
        reversed.members.reverse()
        #expect(try Self.logged(.object(reversed)).bodyHash == hash)
        // What redaction makes equal is still another body.
        #expect(try Self.logged(Self.changed(Self.interaction, "response", "mail c@d.co")).bodyHash != hash)
    }

    @Test func everyOptionalFieldMayBeAbsent() {
        let optional = [
            "unit", "conversation", "adapter", "latencyMilliseconds", "timeToFirstTokenMilliseconds", "promptTokens",
            "completionTokens", "logProbability", "metadata",
        ]
        for name in optional {
            #expect(Self.error(Self.changed(Self.interaction, name, nil)) == nil)
            #expect(Self.error(Self.changed(Self.interaction, name, .null)) == nil)
        }
        for name in ["id", "deployment", "time", "messages", "response"] {
            let error = Self.error(Self.changed(Self.interaction, name, nil))
            #expect(error?.kind == .fieldMissing && error?.field == name && error?.record == 2)
        }
        for name in ["id", "deployment", "interaction", "time", "value"] {
            #expect(Self.error(Self.changed(Self.rating, name, nil), rating: true)?.kind == .fieldMissing)
        }
    }

    static let wrong: [(String, JSONValue, TrafficError.Kind, String)] = [
        ("id", 7, .fieldType, "id"), ("id", "", .fieldInvalid, "id"), ("id", "a b", .fieldInvalid, "id"),
        ("id", "a\u{0}b", .fieldInvalid, "id"), ("id", "a\u{200B}", .fieldInvalid, "id"),
        ("id", .string(String(repeating: "x", count: 201)), .fieldTooLarge, "id"),
        ("deployment", "other", .deploymentUnknown, "deployment"), ("time", "yesterday", .fieldInvalid, "time"),
        ("time", "2026-05-02T10:00:01Z", .fieldInvalid, "time"),
        ("time", "1999-01-01T00:00:00Z", .fieldInvalid, "time"),
        ("time", 1_777_627_800, .fieldType, "time"), ("messages", [], .fieldInvalid, "messages"),
        ("messages", "hi", .fieldType, "messages"), ("messages", ["hi"], .fieldType, "messages[0]"),
        ("messages", [["content": "x"]], .fieldMissing, "messages[0].role"),
        ("messages", [["role": "boss", "content": "x"]], .fieldInvalid, "messages[0].role"),
        ("messages", [["role": "user", "content": "x"], ["role": "user"]], .fieldMissing, "messages[1].content"),
        ("messages", [["role": "user", "content": 3]], .fieldType, "messages[0].content"),
        ("messages", [["role": "user", "content": ["x"]]], .fieldType, "messages[0].content"),
        ("messages", [["role": "user", "content": "x", "nmae": "y"]], .fieldUnknown, "messages[0].nmae"),
        ("response", .string(String(repeating: "é", count: 131_073)), .fieldTooLarge, "response"),
        ("error", "both", .fieldInvalid, "error"), ("latencyMilliseconds", -1, .fieldInvalid, "latencyMilliseconds"),
        ("latencyMilliseconds", "1", .fieldType, "latencyMilliseconds"),
        ("promptTokens", 1.5, .fieldInvalid, "promptTokens"),
        ("logProbability", 0.5, .fieldInvalid, "logProbability"), ("metadata", [1], .fieldType, "metadata"),
        ("metadata", ["a": [[[[[[[[1]]]]]]]]], .fieldInvalid, "metadata"),
        ("metadata", ["a": .string(String(repeating: "x", count: 16_400))], .fieldTooLarge, "metadata"),
        ("untit", "user-1", .fieldUnknown, "untit"),
    ]

    @Test(arguments: wrong)
    func refuses(name: String, value: JSONValue, kind: TrafficError.Kind, field: String) {
        let error = Self.error(Self.changed(Self.interaction, name, value))
        #expect(error?.kind == kind && error?.field == field && error?.record == 2)
        #expect(error?.detail.contains(field) == true)
    }

    @Test func ratingsFollowTheirScale() {
        func kind(_ scale: JSONValue?, _ value: JSONValue) -> TrafficError.Kind? {
            Self.error(Self.changed(Self.changed(Self.rating, "scale", scale), "value", value), rating: true)?.kind
        }
        #expect(kind(nil, 0) == nil && kind("thumb", 1.0) == nil && kind("stars", 5) == nil)
        #expect(kind("mood", "glad") == nil && kind("score", -0.5) == nil)
        #expect(
            kind(nil, 2) == .fieldInvalid && kind("stars", 4.5) == .fieldInvalid && kind("stars", 0) == .fieldInvalid)
        #expect(kind("mood", "angry") == .fieldInvalid && kind("mood", 1) == .fieldInvalid)
        #expect(
            kind("score", 1.5) == .fieldInvalid && kind(nil, "up") == .fieldInvalid && kind(nil, true) == .fieldType)
        #expect(kind("smile", 1) == .scaleUnknown)
    }

    @Test func readsObjectArrayAndLines() throws {
        let one = Self.interaction.serialized
        let two = Self.changed(Self.interaction, "id", "c7f2").serialized
        func ids(_ body: [UInt8], _ format: TrafficFormat) throws -> [String?] {
            try Self.edge.interactions(in: body, format: format, received: Self.now).map {
                try? $0.get().interaction.id
            }
        }
        #expect(try ids(one, .json) == ["c7f1"])
        #expect(try ids(Array("[".utf8) + one + Array(",".utf8) + two + Array("]".utf8), .json) == ["c7f1", "c7f2"])
        #expect(try ids(one + Array("\r\n\n".utf8) + two + Array("\n".utf8), .lines) == ["c7f1", "c7f2"])
        #expect(try ids(one + Array("\n{\n".utf8) + two, .lines) == ["c7f1", nil, "c7f2"])
        let bad = try Self.edge.interactions(in: one + Array("\n[]".utf8), format: .lines, received: Self.now)[1]
        #expect(throws: TrafficError.self) { try bad.get() }
        for body in ["", "[]", "{", "nonsense", "[{]"] {
            #expect(throws: TrafficError.self) { try ids(Array(body.utf8), .json) }
        }
        #expect(throws: TrafficError.self) { try ids(Array("\n\n".utf8), .lines) }
        let many = Array(repeating: one + Array("\n".utf8), count: 1001).flatMap(\.self)
        let error = #expect(throws: TrafficError.self) { try ids(many, .lines) }
        #expect(error?.kind == .recordsTooMany && error?.status == 413)
    }

    @Test func readsContentTypes() throws {
        #expect(try TrafficFormat(contentType: nil) == .json)
        #expect(try TrafficFormat(contentType: "application/json; charset=utf-8") == .json)
        #expect(try TrafficFormat(contentType: "Application/X-NDJSON") == .lines)
        #expect(throws: TrafficError.self) { try TrafficFormat(contentType: "text/csv") }
    }

    @Test func partsAndStoredFormSurvive() throws {
        let parts: JSONValue = [
            ["type": "text", "text": "write a@b.co"], ["type": "image_url", "image_url": ["url": "https://x"]],
        ]
        let logged = try Self.logged(
            Self.changed(Self.interaction, "messages", [["role": "user", "content": parts]]))
        let message = logged.interaction.messages[0]
        #expect(message.json["content"]?.arrayValue?.first?["text"] == "write [EMAIL]")
        #expect(Message(stored: message.json) == message)
        #expect(Message(stored: Message(role: "user", content: .text("x")).json)?.content == .text("x"))
    }

    @Test func gatewayRows() {
        let interaction = Interaction(
            id: "g-1", deployment: "support-en", time: Self.now, unit: "user-17",
            messages: [Message(role: "user", content: .text("a@b.co"))], error: "dial 192.168.0.1:80 failed")
        let logged = Self.edge.gatewayInteraction(interaction, received: Self.now)
        #expect(logged.fromGateway && logged.interaction.error == "dial [IP]:80 failed")
        #expect(logged.interaction.messages[0].content == .text("[EMAIL]"))
    }

    @Test("What the gateway let through is cut to what may be posted, and teaches nothing then")
    func gatewayRowsAreBounded() {
        var edge = Self.edge
        edge.limits.textBytes = 10
        edge.limits.messagesPerRecord = 2
        func logged(_ texts: [String], response: String) -> Interaction {
            edge.gatewayInteraction(
                Interaction(
                    id: "i", deployment: "support-en", time: Self.now,
                    messages: texts.map { Message(role: "user", content: .text($0)) },
                    response: response), received: Self.now
            ).interaction
        }
        let short = logged(["a", "b"], response: "c")
        #expect(short.messages.last?.content == .text("b") && short.response == "c")
        let long = logged(["a", String(repeating: "é", count: 40), "c"], response: String(repeating: "d", count: 40))
        #expect(long.messages.map(\.content) == [.text("ééééé…"), .parts([["type": "text", "text": "c"]])])
        #expect(long.response == "dddddddddd…")
        // Half an address is no address any more to whoever looks for one.
        #expect(logged(["a"], response: "of taro@example.com").response == "of [EMAIL]")
    }
}
