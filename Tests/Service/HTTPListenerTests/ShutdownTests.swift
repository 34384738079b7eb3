import HTTPListener
import Hummingbird
import Signals
import Testing

@Suite("Listener: graceful shutdown")
struct ListenerShutdownTests {
    @Test("A request in flight is answered, idle connections close, new ones are refused")
    func inFlight() async throws {
        let arrived = Signal()
        let release = Signal()
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("slow") { _, _ in
                    arrived.set()
                    try await release.wait()
                    return Response.text("done")
                }
            },
            { listener in
                let (idle, busy) = try await blocking {
                    let idle = try RawClient(port: listener.port)
                    #expect(try idle.get("/hello")?.status == 200)
                    let busy = try RawClient(port: listener.port)
                    try busy.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n")
                    return (idle, busy)
                }
                try await arrived.wait()
                await listener.stop()
                #expect(try await blocking { try idle.receive().isEmpty })
                await #expect(throws: RawClient.Failure.self) {
                    try await blocking { try RawClient(port: listener.port) }
                }
                release.set()
                try await blocking {
                    let answer = try busy.answer()
                    #expect(answer?.text == "done")
                    #expect(answer?["connection"] == "close")
                    #expect(try busy.receive().isEmpty)
                }
            })
    }

    @Test("An endless stream and a route that hangs are cut after the grace")
    func bounded() async throws {
        let cancelled = Signal()
        let begun = Signal()
        try await ListenerUnderTest.run(
            limits: { $0.shutdownGrace = .milliseconds(300) },
            routes: { routes in
                routes.get("endless") { _, _ in
                    Response.eventStream { events in
                        while true {
                            try await events.send("tick")
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
                routes.get("hang") { _, _ in
                    begun.set()
                    defer { cancelled.set() }
                    try await Task.sleep(for: .seconds(600))
                    return Response.text("never")
                }
            },
            { listener in
                let clients = try await blocking {
                    try ["/endless", "/hang"].map { path in
                        let client = try RawClient(port: listener.port)
                        try client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                        return client
                    }
                }
                try await begun.wait()
                await listener.stop()
                try await blocking {
                    let text = String(decoding: try clients[0].receiveAll(), as: UTF8.self)
                    #expect(text.contains("data: tick"))
                    #expect(!text.hasSuffix("0\r\n\r\n"))
                }
                try await cancelled.wait()
            })
    }
}
