import Contracts
import Foundation
import LoopbackServer
import OutboundHTTP
import Testing
import Values

@Suite("DaemonBackEnd: serving back ends that hang, vanish, restart or change", .serialized)
struct DaemonBackEndTests {
    /// A daemon with a built-in engine on a small base of the test's own.
    private static func builtin(_ more: String) async throws -> RunningDaemon {
        let daemon = try RunningDaemon("")
        try EngineJobFixture.writeBase(daemon.folder + "/base")
        try daemon.configure(
            """
            engine: {servingThreads: 1}
            deployments: [{name: support, mode: propose, model: \(daemon.folder)/base\(more)}]
            """)
        return daemon
    }

    @Test func `a back end that never answers is given up, and the log goes on`() async throws {
        let server = try LoopbackServer { $0.waitForClose() }
        defer { server.close() }
        let daemon = try RunningDaemon(
            """
            limits: {answerSeconds: 1}
            deployments: [{name: support, mode: propose, server: "\(server.url)"}]
            """)
        try await daemon.start()
        async let hanging = daemon.ask()
        #expect(try await daemon.log("meanwhile").status == 200)
        let answer = try await hanging
        #expect(answer.status == 504 && answer.json["error"]?["code"] == "backend_timeout", "\(answer.text)")
        #expect(answer.json["error"]?["message"]?.stringValue?.contains("did not answer") == true)
        #expect(answer.headers["retry-after"] != nil)
        let id = try #require(answer.headers["retuned-interaction"])
        #expect(try await daemon.act("pause").status == 202)
        try await daemon.wait("the row of the answer that never came") {
            try await daemon.loggedIDs() == ["meanwhile", id]
        }
        try await daemon.wait("a word on the back end") { try await !daemon.health("serving").isOK }
        #expect(try await daemon.health("serving").detail.contains("does not answer"))
        #expect(try await daemon.send("GET", "/readyz").status == 200)
        #expect(try await daemon.stop() == 0)
    }

    /// Nothing here asserts a time: the server never answers, and the daemon gives up after half a minute, which its end would
    /// not wait for.
    @Test func `while a back end hangs at an adapter, operators and applications are answered, and the daemon ends`()
        async throws
    {
        let (isAsked, isLeft) = (Switch(), Switch())
        let models = #"{"object": "list", "data": [{"id": "support", "object": "model", "owned_by": "test"}]}"#
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                guard request.target == "/v1/load_lora_adapter" else {
                    connection.respond(status: 200, body: Array(models.utf8))
                    continue
                }
                isAsked.set()
                connection.waitForClose()
                return isLeft.set()
            }
        }
        defer { server.close() }
        let adapter = try EngineServeAdapter.make(seed: 1)
        defer { EngineServeAdapter.remove(adapter) }
        let daemon = try RunningDaemon(
            """
            deployments: [{name: support, mode: propose, server: "\(server.url)", adapter: \(adapter)}]
            """)
        try await daemon.start()
        try await daemon.wait("the server to be asked for the adapter") { isAsked.isOn }
        for action in ["pause", "resume", "retrain", "cancel"] {
            let answer = try await daemon.act(action)
            #expect(answer.status == 202, "\(answer.text)")
        }
        #expect(try await daemon.log("meanwhile").status == 200)
        #expect(try await daemon.ask().headers["retuned-adapter"] == "support")
        #expect(!isLeft.isOn)
        #expect(try await daemon.stop() == 0)
        #expect(!daemon.log.contains("does not answer"))
    }

    @Test func `a back end that is not there is said, also where the deployment only observes`() async throws {
        let server = try LoopbackServer { _ in (200, "{}") }
        let url = server.url
        server.close()
        let daemon = try RunningDaemon(
            """
            deployments:
              - {name: support, server: "\(url)"}
              - {name: logs-only}
            """)
        try await daemon.start()
        let answer = try await daemon.ask()
        #expect(answer.status == 503 && answer.json["error"]?["code"] == "backend_unavailable", "\(answer.text)")
        try await daemon.wait("a word on the back end") { try await !daemon.health("serving").isOK }
        #expect(try await daemon.health("serving").detail.contains("refuses connections"))
        let ready = try await daemon.send("GET", "/readyz")
        #expect(ready.status == 200)
        #expect(ready.text.contains("names neither a server nor a model"), "\(ready.text)")
    }

    @Test func `an engine that was killed is started again and given its adapters`() async throws {
        let adapter = try EngineServeAdapter.make(seed: 1, layer: 1, inputs: 96, outputs: 64, scale: 2)
        defer { EngineServeAdapter.remove(adapter) }
        let daemon = try await Self.builtin(", adapter: \(adapter)")
        try await daemon.start()
        try await daemon.wait("an answer of the adapter") {
            try await daemon.ask().headers["retuned-adapter"] == "support-v1"
        }
        let before = try await daemon.ask().json["choices"]
        let engine = try #require(daemon.child("serve"))
        kill(engine, SIGKILL)
        // Whatever the gateway says meanwhile, records are taken, and nobody is answered by the base.
        #expect(try await daemon.log("meanwhile").status == 200)
        try await daemon.wait("the next engine with its adapter") {
            let answer = try await daemon.ask()
            #expect(answer.status == 503 || answer.headers["retuned-adapter"] == "support-v1", "\(answer.headers)")
            guard let next = daemon.child("serve"), next != engine else { return false }
            return answer.status == 200
        }
        #expect(try await daemon.ask().json["choices"] == before)
        #expect(daemon.log.contains("was killed (SIGKILL)"))
        #expect(try await daemon.loggedIDs().contains("meanwhile"))
        // Nor is anybody right after a restart of the daemon.
        try await daemon.stop()
        try await daemon.start()
        let first = try await daemon.ask()
        #expect(first.status == 200 && first.headers["retuned-adapter"] == "support-v1", "\(first.headers)")
    }

    /// The adapter comes with the answer that it gave on the base it was trained on.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["TSAN_OPTIONS"] == nil,
            "a job under ThreadSanitizer needs more memory than its ceiling"))
    func `an adapter whose base changed under it is refused with the reason`() async throws {
        let made = try EngineJobFixture()
        defer { made.remove() }
        try made.write(EngineJobFixture.rows(320), as: .train)
        try made.write(EngineJobFixture.rows(64, offset: 1000), as: .heldout)
        try made.write(made.job(.train))
        try #require(try made.run().status == 0)
        try #require(try made.result().status == .done)
        let daemon = try await Self.builtin(", adapter: \(made.folder)/result/adapter")
        try await daemon.start()
        try await daemon.wait("the adapter") {
            try await daemon.health("serving").detail == "the serving back end answers"
        }
        try EngineJobFixture.writeBase(daemon.folder + "/base", seed: 43)
        kill(try #require(daemon.child("serve")), SIGKILL)
        try await daemon.wait("a refusal") {
            let health = try await daemon.health("serving")
            return !health.isOK && health.detail.contains("base model")
        }
        let health = try await daemon.health("serving")
        #expect(!health.isOK && health.detail.contains("not the one it was trained on"), "\(health.detail)")
        // The base answers in its place, and says so.
        let answer = try await daemon.ask()
        #expect(answer.status == 200 && answer.headers["retuned-adapter"] == "support", "\(answer.text)")
        #expect(try await daemon.send("GET", "/readyz").status == 200)
    }

    @Test func `a webhook that answered 410 gets nothing until it is enabled, and then what waited`() async throws {
        let isThere = Switch()
        let receiver = try LoopbackServer { _ in (isThere.isOn ? 204 : 410, "") }
        defer { receiver.close() }
        let daemon = try RunningDaemon("")
        let secret = daemon.folder + "/secret"
        try "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n".write(toFile: secret, atomically: true, encoding: .utf8)
        try daemon.configure(
            """
            webhooks: [{name: pager, url: "\(receiver.url)/x", secretFile: \(secret), allowPrivateAddresses: true}]
            deployments: [{name: support, mode: propose, cycle: {gathering: 100ms}, experiment: {lookInterval: 200ms}}]
            """)
        try await daemon.start()
        #expect(try await daemon.act("retrain").status == 202)
        func pager() async throws -> JSONValue? {
            try await daemon.send("GET", "/v1/webhooks").json["webhooks"]?.arrayValue?.first
        }
        try await daemon.wait("the receiver to be disabled") { try await pager()?["enabled"] == false }
        // What it refused is a dead letter; what comes now waits.
        let refused = try await daemon.post("/v1/webhooks/resend", ["webhook": "pager"])
        #expect(refused.status == 400 && refused.problem == "webhook-disabled", "\(refused.text)")
        #expect(try await daemon.act("retrain").status == 202)
        try await daemon.wait("an event that waits") { try await pager()?["waiting"] == 1 }
        isThere.set()
        // A restart changes nothing of it.
        try await daemon.stop()
        try await daemon.start()
        let before = try await pager()
        #expect(before?["enabled"] == false && before?["waiting"] == 1 && before?["deadLetters"] == 1)
        let enabled = try await daemon.post("/v1/webhooks/enable", ["webhook": "pager"])
        #expect(enabled.status == 202 && enabled.json["ids"]?.arrayValue?.count == 1, "\(enabled.text)")
        try await daemon.wait("the delivery") { try await pager()?["waiting"] == 0 }
        let again = try await daemon.post("/v1/webhooks/resend", [:])
        #expect(again.status == 202 && again.json["ids"]?.arrayValue?.count == 1, "\(again.text)")
        try await daemon.wait("the dead letter's delivery") { try await pager()?["deadLetters"] == 0 }
        #expect(try await pager()?["enabled"] == true)
    }

    @Test func `a webhook that cannot be reached costs nothing, and gets its event later`() async throws {
        let isOpen = Switch()
        let receiver = try LoopbackServer { connection in
            guard isOpen.isOn else { return connection.reset() }
            while connection.readRequest() != nil { connection.respond(status: 204) }
        }
        defer { receiver.close() }
        let daemon = try RunningDaemon("")
        let secret = daemon.folder + "/secret"
        try "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n".write(toFile: secret, atomically: true, encoding: .utf8)
        try daemon.configure(
            """
            webhooks: [{name: pager, url: "\(receiver.url)/x?key=hidden", secretFile: \(secret), allowPrivateAddresses: true}]
            deployments: [{name: support, mode: propose, cycle: {gathering: 100ms}, experiment: {lookInterval: 200ms}}]
            """)
        try await daemon.start()
        let test = try await daemon.post("/v1/webhooks/test", ["webhook": "pager"])
        #expect(test.status == 503 && test.problem == "webhook-failed", "\(test.text)")
        // A cycle without data ends with an event.
        #expect(try await daemon.act("retrain").status == 202)
        func pager() async throws -> JSONValue? {
            try await daemon.send("GET", "/v1/webhooks").json["webhooks"]?.arrayValue?.first
        }
        try await daemon.wait("an attempt") {
            let view = try await pager()
            return view?["waiting"] == 1 && view?["detail"]?.stringValue?.contains("nothing was sent") == false
        }
        #expect(try await daemon.log("meanwhile").status == 200)
        #expect(try await daemon.send("GET", "/readyz").status == 200)
        isOpen.set()
        // A restart keeps the event too.
        try await daemon.stop()
        try await daemon.start()
        try await daemon.wait("the delivery") { try await pager()?["waiting"] == 0 }
        #expect(try await pager()?["detail"] == "the last delivery was accepted")
        #expect(!daemon.log.contains("hidden"))
    }
}
