import Foundation
import Testing
import Values

@Suite("DaemonReload: what counts at once, and what is said to need a restart")
struct DaemonReloadTests {
    private static func retunectl(_ daemon: RunningDaemon) throws -> RetunectlProcess.Ending {
        try RetunectlProcess.run(["config", "reload"], environment: ["RETUNED_SOCKET": daemon.socket])
    }

    @Test func `webhooks and the level of the log change at once, a mode needs a restart, nonsense is refused`()
        async throws
    {
        let daemon = try RunningDaemon("deployments: [{name: support}]")
        try await daemon.start()
        let same = try Self.retunectl(daemon)
        #expect(same.status == 0 && same.output.contains("no setting that counts at once is new"), "\(same)")

        let secret = daemon.folder + "/secret"
        try "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n".write(toFile: secret, atomically: true, encoding: .utf8)
        let changed = """
            logLevel: debug
            engine: {servingThreads: 3}
            webhooks: [{name: pager, url: "http://127.0.0.1:9/", secretFile: \(secret), allowPrivateAddresses: true}]
            deployments: [{name: support, mode: propose, gate: {margin: 4%}}]
            """
        try daemon.configure(changed)
        let ending = try Self.retunectl(daemon)
        #expect(ending.status == 0)
        #expect(ending.output.contains("in force now: logLevel, webhooks"), "\(ending.output)")
        for key in ["engine.servingThreads", "deployments[0].mode", "deployments[0].gate.margin"] {
            #expect(ending.output.contains("\(key) needs a restart"), "\(ending.output)")
            #expect(daemon.log.contains("\(key) needs a restart"))
        }
        // The answer comes after the change.
        let webhooks = try await daemon.send("GET", "/v1/webhooks").json["webhooks"]?.arrayValue
        #expect(webhooks?.map { $0["name"] } == ["pager"])
        #expect(try await daemon.view()["mode"] == "observe")

        try daemon.configure(changed + "\nlimits: {bodySize: 1}")
        let refused = try Self.retunectl(daemon)
        #expect(refused.status == 3 && refused.errors.contains("limits.bodySize"), "\(refused)")
        let kept = try await daemon.send("GET", "/v1/webhooks").json["webhooks"]?.arrayValue
        #expect(kept?.count == 1)

        try daemon.configure("deployments: [{name: support}]")
        kill(daemon.process.processIdentifier, SIGHUP)
        try await daemon.wait("the reload that a signal asked for") {
            try await daemon.send("GET", "/v1/webhooks").json["webhooks"]?.arrayValue?.isEmpty == true
        }
    }

    @Test func `a token may not ask for it`() async throws {
        let daemon = try RunningDaemon("deployments: [{name: support}]")
        try await daemon.start()
        let made = try await daemon.post("/v1/tokens", ["name": "all", "scopes": ["read", "operate"]])
        let token = try #require(made.json["token"]?.stringValue)
        let answer = try await daemon.send("POST", "/v1/configuration/reload", token: token)
        #expect(answer.status == 403 && answer.problem == "scope-missing")
    }
}
