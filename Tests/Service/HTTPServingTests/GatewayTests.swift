import HTTPListener
import HTTPServing
import HTTPTypes
import Hummingbird
import Locking
import OutboundHTTP
import Signals
import Store
import Testing
import Traffic
import Values

@Suite("Gateway") struct GatewayTests {
    @Test func anAnswerGoesThroughAndIsLogged() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let body = Array(
                "{\"model\" : \"support-en\",\n\"messages\":[{\"role\":\"user\",\"content\":\"Hi a@b.example\"}], \"seed\":1.50}"
                    .utf8)
            let answer = try await daemon.send(
                "POST", "/v1/chat/completions", body, token: token,
                headers: ["retuned-unit": "user-1", "retuned-conversation": "conv-1", "x-own": "kept"])
            #expect(answer.status == 200 && answer.json["id"] == "chatcmpl-1")
            #expect(answer.headers["retuned-interaction"] == "chatcmpl-1")
            #expect(answer.headers["retuned-adapter"] == "support-en")
            #expect(answer.headers["retuned-logged"] == nil)
            #expect(answer.headers["x-ratelimit-remaining"] == "17")
            // The served name is the deployment's here, so that not one byte differs.
            let request = try #require(daemon.backend.requests.first)
            #expect(request.bytes == body)
            #expect(request.headers[.authorization] == nil)
            #expect(request.headers[HTTPField.Name("x-own")!] == "kept")
            #expect(request.headers[HTTPField.Name("retuned-unit")!] == nil)
            await daemon.routes.settled()
            let row = try #require(try await daemon.store.interaction(deployment: "support-en", id: "chatcmpl-1"))
            let interaction = row.logged.interaction
            #expect(interaction.response == "card arrival" && row.logged.fromGateway)
            #expect(interaction.promptTokens == 7 && interaction.completionTokens == 2)
            #expect(interaction.logProbability == -0.375)
            #expect(interaction.latencyMilliseconds ?? 0 > 0)
            #expect(interaction.unit?.utf8.count == 32 && interaction.conversation?.utf8.count == 32)
            #expect(!interaction.messages.description.contains("a@b.example"))
            // The same id again is not taken for another answer.
            let second = try await daemon.send("POST", "/v1/chat/completions", body, token: token)
            #expect(second.json["id"] == "chatcmpl-1")
            #expect(second.headers["retuned-interaction"]?.hasPrefix("retuned-") == true)
            await daemon.routes.settled()
            let found1 = try await daemon.store.counts(deployment: "support-en")
            #expect(found1.interactions == 2)
        }
    }

    /// An id that no rating could name stays in the answer, and the row gets one that ratings can.
    @Test func anAnswerWithAnIdThatNoRatingCanNameCanBeRated() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign", "ingest"])
            for id in ["an id with spaces", "a\nb", "zero\u{200B}width"] {
                daemon.backend.behave { body, _ in
                    BackendUnderTest.answer(id: id, model: body["model"]?.stringValue ?? "", text: "yes")
                }
                let answer = try await daemon.send(
                    "POST", "/v1/chat/completions",
                    ["model": "support-en", "messages": [["role": "user", "content": "Hi"]]], token: token)
                #expect(answer.json["id"] == .string(id))
                let interaction = try #require(answer.headers["retuned-interaction"])
                #expect(interaction.hasPrefix("retuned-"))
                await daemon.routes.settled()
                #expect(try await daemon.store.interaction(deployment: "support-en", id: interaction) != nil)
                let rated = try await daemon.send(
                    "POST", "/v1/ratings", Records.rating("r-\(interaction)", of: interaction), token: token)
                #expect(rated.status == 200)
            }
            let refused = try await daemon.send(
                "POST", "/v1/chat/completions",
                ["model": "support-en", "user": 5, "messages": [["role": "user", "content": "Hi"]]], token: token)
            #expect(refused.status == 400 && refused.text.contains("field user must be a string"), "\(refused.text)")
        }
    }

    /// The back end sends its second event only after the client has read the first.
    @Test func bytesOfAStreamAreNotHeldBack() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let read = Signal()
            let first = BackendUnderTest.event(id: "s-1", text: "card ")
            let rest = BackendUnderTest.event(id: "s-1", text: "arrival", finish: "stop") + "data: [DONE]\n\n"
            daemon.backend.behave { _, _ in
                Response.stream(contentType: "text/event-stream") { writer in
                    try await writer.write(first)
                    try await read.wait()
                    try await writer.write(rest)
                }
            }
            let response = try await daemon.client.send(
                daemon.request(
                    "POST", "/v1/chat/completions", Records.question(isStreamed: true).serialized, token: token,
                    headers: [:]))
            #expect(response.headers["retuned-interaction"] == "s-1")
            #expect(response.headers["content-type"] == "text/event-stream")
            var pieces = response.body.makeAsyncIterator()
            var bytes: [UInt8] = []
            while bytes.count < first.utf8.count, let piece = try await pieces.next() { bytes += piece }
            #expect(String(decoding: bytes, as: UTF8.self) == first)
            read.set()
            while let piece = try await pieces.next() { bytes += piece }
            #expect(String(decoding: bytes, as: UTF8.self) == first + rest)
            await daemon.routes.settled()
            let row = try await daemon.store.interaction(deployment: "support-en", id: "s-1")
            #expect(row?.logged.interaction.response == "card arrival")
            #expect(row?.logged.interaction.timeToFirstTokenMilliseconds != nil)
        }
    }

    @Test func aReaderThatLeavesIsLoggedAsFarAsItWent() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let left = Signal()
            let commits = daemon.store.changes(of: .log)
            daemon.backend.behave { _, _ in
                Response.stream(contentType: "text/event-stream") { writer in
                    defer { left.set() }
                    while true { try await writer.write(BackendUnderTest.event(id: "s-2", text: "on and on ")) }
                }
            }
            let response = try await daemon.client.send(
                daemon.request(
                    "POST", "/v1/chat/completions", Records.question(isStreamed: true).serialized, token: token,
                    headers: [:]))
            _ = try await response.body.prefix(bytes: 100)
            // The back end is let go, and the row is written.
            try await left.wait()
            for await _ in commits {
                if try await daemon.store.counts(deployment: "support-en").interactions == 1 { break }
            }
            let row = try await daemon.store.interaction(deployment: "support-en", id: "s-2")
            #expect(row?.logged.interaction.response?.hasPrefix("on and on ") == true)
            // Half an answer is nothing to learn from.
            let isText = if case .text? = row?.logged.interaction.messages.last?.content { true } else { false }
            #expect(!isText)
        }
    }

    @Test func aBackEndThatIsDownIsToldAndLogged() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign", "ingest"])
            try await daemon.stopBackend()
            let answer = try await daemon.send(
                "POST", "/v1/chat/completions", Records.question(unit: "user-1"), token: token)
            #expect(answer.status == 503 || answer.status == 502)
            #expect(answer.json["error"]?["type"] == "server_error")
            let id = try #require(answer.headers["retuned-interaction"])
            await daemon.routes.settled()
            let row = try await daemon.store.interaction(deployment: "support-en", id: id)
            #expect(row?.logged.interaction.error != nil && row?.logged.interaction.response == nil)
            let ingest = try await daemon.send("POST", "/v1/interactions", Records.interaction("i-1"), token: token)
            #expect(ingest.status == 200)
        }
    }

    @Test func aBackEndThatHangsIsGivenUp() async throws {
        try await DaemonUnderTest.run(answerSeconds: 1) { daemon in
            let token = try await daemon.token(["assign"])
            let end = Signal()
            daemon.backend.behave { _, _ in
                try await end.wait()
                return Response(status: .ok)
            }
            let answer = try await daemon.send("POST", "/v1/chat/completions", Records.question(), token: token)
            end.set()
            #expect(answer.status == 504 && answer.json["error"]?["code"] == "backend_timeout")
            let id = try #require(answer.headers["retuned-interaction"])
            await daemon.routes.settled()
            let row = try await daemon.store.interaction(deployment: "support-en", id: id)
            #expect(row?.logged.interaction.error != nil)
        }
    }

    /// A page of a proxy, say: it goes through as it is, and its row is no answered request.
    @Test func anAnswerThatIsNoCompletionIsAnError() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            daemon.backend.behave { _, _ in
                Response.json(Array("<html>sign in</html>".utf8))
            }
            let answer = try await daemon.send("POST", "/v1/chat/completions", Records.question(), token: token)
            #expect(answer.status == 200 && answer.text == "<html>sign in</html>")
            await daemon.routes.settled()
            let id = try #require(answer.headers["retuned-interaction"])
            let row = try await daemon.store.interaction(deployment: "support-en", id: id)
            #expect(row?.logged.interaction.error == "the back end's answer is no chat completion")
            #expect(row?.logged.interaction.response == nil)
        }
    }

    /// Nobody is told that the back end failed, and the row says who left.
    @Test func aCallerWhoLeavesBeforeTheAnswerIsTold() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let (asked, end) = (Signal(), Signal())
            let commits = daemon.store.changes(of: .log)
            daemon.backend.behave { _, _ in
                asked.set()
                try await end.wait()
                return Response(status: .ok)
            }
            let request = daemon.request(
                "POST", "/v1/chat/completions", Records.question().serialized, token: token, headers: [:])
            let sending = Task { [client = daemon.client] in try await client.send(request) }
            try await asked.wait()
            sending.cancel()
            for await _ in commits {
                if try await daemon.store.counts(deployment: "support-en").interactions == 1 { break }
            }
            end.set()
            let row = try await daemon.store.interactions(deployment: "support-en", limit: 1).first
            #expect(row?.logged.interaction.error == "the caller left before an answer came")
            let metrics = try await daemon.send("GET", "/metrics", token: "none").text
            #expect(metrics.contains("outcome=\"abandoned\"} 1"))
            #expect(!metrics.contains("outcome=\"failed\"} 1"))
        }
    }

    /// Events may end with CRLF, and need no id.
    @Test func anEventWithCarriageReturnsIsNotHeldBack() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let read = Signal()
            daemon.backend.behave { _, _ in
                Response.stream(contentType: "text/event-stream") { writer in
                    try await writer.write(
                        Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n".utf8))
                    try await read.wait()
                    try await writer.write(Array("data: [DONE]\r\n\r\n".utf8))
                }
            }
            let response = try await daemon.client.send(
                daemon.request(
                    "POST", "/v1/chat/completions", Records.question(isStreamed: true).serialized, token: token,
                    headers: [:]))
            #expect(try await response.body.prefix(bytes: 10).count >= 10)
            read.set()
        }
    }

    @Test func errorsOfTheBackEndPassThrough() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            daemon.backend.behave { _, _ in
                Response.json(
                    Array("{\"error\":{\"message\":\"slow down\"}}".utf8), status: .tooManyRequests,
                    headers: [.retryAfter: "3"])
            }
            let answer = try await daemon.send("POST", "/v1/chat/completions", Records.question(), token: token)
            #expect(answer.status == 429 && answer.headers["retry-after"] == "3")
            #expect(answer.json["error"]?["message"] == "slow down")
            await daemon.routes.settled()
            let id = try #require(answer.headers["retuned-interaction"])
            let row = try await daemon.store.interaction(deployment: "support-en", id: id)
            #expect(row?.logged.interaction.error == "slow down")
        }
    }

    @Test func whatTheBackEndSaysThatItLacksIsLoadedAgainAndAsked() async throws {
        try await DaemonUnderTest.run(withExperiment: true, pinned: (["vip"], [])) { daemon in
            let token = try await daemon.token(["assign"])
            let refusals = Locked(1)
            daemon.backend.behave { body, _ in
                let model = body["model"]?.stringValue ?? ""
                let isRefused = refusals.withLock { left in
                    guard model == "support-en-v2", left > 0 else { return false }
                    left -= 1
                    return true
                }
                guard isRefused else { return BackendUnderTest.answer(id: "", model: model, text: "x") }
                let error = "{\"error\":{\"message\":\"The model `support-en-v2` does not exist.\"}}"
                return Response.json(Array(error.utf8), status: .notFound)
            }
            var units = ["vip"]
            while units.count < 2 {
                let unit = "user-\(Int.random(in: 0..<1000))"
                let answer = try await daemon.send(
                    "POST", "/v1/chat/completions", Records.question(unit: unit), token: token)
                if answer.headers["retuned-adapter"] == "support-en-v2" { units.append(unit) }
            }
            for unit in units {
                daemon.wallClock.withLock { $0 = $0.advanced(bySeconds: 10) }
                refusals.withLock { $0 = 1 }
                let before = daemon.backend.requests.count
                let answer = try await daemon.send(
                    "POST", "/v1/chat/completions", Records.question(unit: unit), token: token,
                    headers: ["retuned-conversation": "of \(unit)"])
                #expect(answer.status == 200 && answer.headers["retuned-adapter"] == "support-en-v2")
                #expect(answer.json["model"] == "support-en-v2" && daemon.backend.requests.count == before + 2)
            }
            // A back end that insists is heard: the caller sees what it says, and so does the log.
            refusals.withLock { $0 = 100 }
            let refused = try await daemon.send(
                "POST", "/v1/chat/completions", Records.question(unit: "vip"), token: token)
            #expect(refused.status == 404 && refused.headers["retuned-adapter"] == "support-en-v2")
            #expect(refusals.withLock { $0 } == 98)
            await daemon.routes.settled()
        }
    }

    @Test func requestsThatNobodyCouldAnswerAreRefused() async throws {
        try await DaemonUnderTest.run { daemon in
            let token = try await daemon.token(["assign"])
            let unknown = try await daemon.send(
                "POST", "/v1/chat/completions", Records.question("nowhere"), token: token)
            #expect(unknown.status == 404 && unknown.json["error"]?["code"] == "model_not_found")
            let broken = try await daemon.send("POST", "/v1/chat/completions", Array("{".utf8), token: token)
            #expect(broken.status == 400 && broken.json["error"]?["type"] == "invalid_request_error")
            // What ingest would refuse as the name of a unit.
            for name in ["user-1 ", "user\t1", "user\u{200D}1", "user\u{AD}1", "user\u{0}1"] {
                var question = Records.question("support-en")
                if case .object(var object) = question {
                    object["user"] = .string(name)
                    question = .object(object)
                }
                let refused = try await daemon.send("POST", "/v1/chat/completions", question, token: token)
                #expect(refused.status == 400, "\(name.debugDescription)")
            }
            #expect(daemon.backend.requests.isEmpty)
        }
    }

    @Test func unitsAndConversationsStayWithTheirArm() async throws {
        try await DaemonUnderTest.run(withExperiment: true) { daemon in
            let token = try await daemon.token(["assign", "read"])
            daemon.backend.behave { body, _ in
                BackendUnderTest.answer(id: "", model: body["model"]?.stringValue ?? "", text: "x")
            }
            var arms: [String: String] = [:]
            for unit in (0..<12).map({ "user-\($0)" }) {
                for _ in 0..<2 {
                    let answer = try await daemon.send(
                        "POST", "/v1/chat/completions", Records.question(unit: unit), token: token)
                    let adapter = answer.headers["retuned-adapter"] ?? ""
                    #expect(answer.json["model"]?.stringValue == adapter)
                    #expect(arms[unit] == nil || arms[unit] == adapter)
                    arms[unit] = adapter
                }
            }
            #expect(Set(arms.values) == ["support-en", "support-en-v2"])
            await daemon.routes.settled()
            let lines = try await daemon.send(
                "GET", "/v1/deployments/support-en/experiments/e-1/assignments", token: token
            ).lines
            #expect(lines.count == 12)
            #expect(lines.count { $0["arm"] == "candidate" } == arms.values.count { $0 == "support-en-v2" })
            // A conversation that began with one unit stays with what answered it.
            let candidate = try #require(arms.first { $0.value == "support-en-v2" }?.key)
            let incumbent = try #require(arms.first { $0.value == "support-en" }?.key)
            for unit in [candidate, incumbent] {
                let answer = try await daemon.send(
                    "POST", "/v1/chat/completions", Records.question(unit: unit), token: token,
                    headers: ["retuned-conversation": "shared"])
                #expect(answer.headers["retuned-adapter"] == "support-en-v2")
            }
        }
    }
}
