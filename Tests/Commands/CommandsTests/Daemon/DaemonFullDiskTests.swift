import Foundation
import LoopbackServer
import OutboundHTTP
import SmallDisk
import Testing
import Values

@Suite(
    "DaemonFullDisk: records are refused, answers go on, and nothing that was accepted is lost",
    .enabled(if: SmallDisk.isPermitted, "mounting a small file system needs root"))
struct DaemonFullDiskTests {
    @Test func `a full disk and the way out of it`() async throws {
        let disk = try #require(SmallDisk(megabytes: 16))
        let server = try LoopbackServer { request in
            request.target == "/v1/models"
                ? (200, #"{"object":"list","data":[{"id":"support","object":"model","created":1,"owned_by":"x"}]}"#)
                : (200, #"{"choices":[{"message":{"role":"assistant","content":"card"},"finish_reason":"stop"}]}"#)
        }
        defer { server.close() }
        let daemon = try RunningDaemon(
            "deployments: [{name: support, server: \"\(server.url)\"}]", state: disk.path + "/state")
        try await daemon.start()
        #expect(try await daemon.log("before").status == 200)
        try disk.fill()

        var accepted = ["before"]
        var refusal: RunningDaemon.Answer?
        let text = String(repeating: "y", count: 60_000)
        for index in 0..<400 where refusal == nil {
            let answer = try await daemon.log("i\(index)", text: text)
            if answer.status == 200 { accepted.append("i\(index)") } else { refusal = answer }
        }
        let refused = try #require(refusal)
        #expect(refused.status == 503 && refused.problem == "log-full", "\(refused.text)")
        #expect(refused.headers["content-type"] == "application/problem+json")
        #expect(refused.headers["retry-after"] != nil)
        #expect(refused.json["detail"]?.stringValue?.contains("disk") == true)

        // The gateway answers on and says that it cannot log; an operator's word still counts.
        let unlogged = try await daemon.ask()
        #expect(unlogged.status == 200 && unlogged.text.contains("card"))
        #expect(unlogged.headers["retuned-logged"] == "false")
        let ready = try await daemon.send("GET", "/readyz")
        #expect(ready.status == 503 && ready.text.contains("disk"))
        #expect(try await daemon.act("pause").status == 202)

        // A restart in the middle of it loses nothing either.
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try await daemon.view()["paused"]?.boolValue == true)
        #expect(try await daemon.log("still-full", text: text).problem == "log-full")
        #expect(try await daemon.loggedIDs() == accepted)

        try disk.empty()
        #expect(try await daemon.log("after").status == 200)
        let logged = try await daemon.ask()
        #expect(logged.status == 200 && logged.headers["retuned-logged"] == nil)
        #expect(try await daemon.send("GET", "/readyz").status == 200)
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        let ids = try await daemon.loggedIDs()
        #expect(ids.dropLast() == accepted + ["after"])
        #expect(ids.last == logged.headers["retuned-interaction"])
    }
}
