import HTTPListener
import Hummingbird
import Testing

/// Deadlines are short here, and clients outlast them several times. Cuts are awaited, never slept for.
@Suite("Listener: deadlines")
struct ListenerDeadlineTests {
    /// Sends a byte every 50 ms until the connection ends; returns what came back.
    private func drip(_ client: RawClient, _ bytes: [UInt8]) async throws -> String {
        // Read meanwhile: what is still sent to a closed connection makes the kernel forget what was not read yet.
        async let received = blocking { try client.receiveAll() }
        for byte in bytes {
            do { try client.send([byte]) } catch { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        return String(decoding: try await received, as: UTF8.self)
    }

    @Test("A head that drips is cut with 408")
    func slowHead() async throws {
        try await ListenerUnderTest.run(
            // Long enough that a first byte comes before it on a busy machine: without one there is no word to answer to.
            limits: { $0.headerDeadline = .seconds(2) },
            { listener in
                let client = try await blocking { try RawClient(port: listener.port) }
                let host = String(repeating: "t", count: 200)
                let text = try await drip(client, Array("GET /hello HTTP/1.1\r\nHost: \(host)".utf8))
                #expect(text.hasPrefix("HTTP/1.1 408"))
                #expect(listener.log.now.cuts.first == .header)
            })
    }

    @Test("A connection that says nothing is closed without a word")
    func silent() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.headerDeadline = .milliseconds(200) },
            { listener in
                let received = try await blocking { try RawClient(port: listener.port).receiveAll() }
                #expect(received.isEmpty)
                #expect(listener.log.now.cuts == [.header])
            })
    }

    @Test("A route that is slow to ask for the body does not harm a client that waits for 100 Continue")
    func heldBackBody() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.bodyGrace = .milliseconds(200) },
            routes: { routes in
                routes.post("slow") { _, context -> Response in
                    try await Task.sleep(for: .milliseconds(600))
                    return Response.json(Array(try await context.collectBody().readableBytesView))
                }
            },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send(
                        "POST /slow HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                    #expect(try client.answer()?.status == 100)
                    try client.send("{}")
                    #expect(try client.answer()?.text == "{}")
                }
                #expect(listener.log.now.cuts.isEmpty)
            })
    }

    @Test("The second head of a kept-alive connection is under the deadline too")
    func slowSecondHead() async throws {
        try await ListenerUnderTest.run(
            limits: {
                $0.headerDeadline = .milliseconds(300)
                $0.idleTimeout = .seconds(60)
            },
            { listener in
                let client = try await blocking {
                    let client = try RawClient(port: listener.port)
                    #expect(try client.get("/hello")?.status == 200)
                    return client
                }
                let text = try await drip(client, Array("GET /hello HTTP/1.1\r\nHost: tttttttt".utf8))
                #expect(text.hasPrefix("HTTP/1.1 408"))
            })
    }

    @Test("A body that drips is cut: by the rate, by the whole deadline, on the first request and the second")
    func slowBody() async throws {
        let settings: [@Sendable (inout ListenerLimits) -> Void] = [
            { limits in
                limits.bodyGrace = .milliseconds(300)
                limits.bodyBytesPerSecond = 1000
            },
            { limits in
                limits.bodyDeadline = .milliseconds(300)
                limits.bodyBytesPerSecond = 1
            },
        ]
        for setting in settings {
            for earlier in 0...1 {
                try await ListenerUnderTest.run(limits: setting) { listener in
                    let client = try await blocking {
                        let client = try RawClient(port: listener.port)
                        for _ in 0..<earlier { #expect(try client.post("/echo", Array("{}".utf8))?.status == 200) }
                        try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n")
                        return client
                    }
                    let text = try await drip(client, [UInt8](repeating: 65, count: 20))
                    #expect(text.hasPrefix("HTTP/1.1 408"))
                    #expect(listener.log.now.cuts.first == .body)
                }
            }
        }
    }

    @Test("A route that is slow to take a body does not harm its client")
    func slowRoute() async throws {
        try await ListenerUnderTest.run(
            limits: {
                $0.bodyDeadline = .milliseconds(300)
                $0.bodyGrace = .milliseconds(100)
            },
            routes: { routes in
                routes.post("slow") { _, context in
                    var count = 0
                    for try await piece in context.stream() {
                        count += piece.readableBytes
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return Response.text("\(count)")
                }
            },
            { listener in
                let answer = try await blocking {
                    try RawClient(port: listener.port).post("/slow", [UInt8](repeating: 65, count: 3_000_000))
                }
                #expect(answer?.text == "3000000")
                #expect(listener.log.now.cuts.isEmpty)
            })
    }

    @Test("A kept-alive connection is closed when it lies idle")
    func idle() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.idleTimeout = .milliseconds(200) },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    #expect(try client.get("/hello")?.status == 200)
                    #expect(try client.get("/hello")?.status == 200)
                    #expect(try client.receive().isEmpty)
                }
                #expect(listener.log.now.cuts == [.idle])
            })
    }

    @Test("A route may think longer than any deadline, about a pipelined request too")
    func slowAnswer() async throws {
        try await ListenerUnderTest.run(
            limits: {
                $0.headerDeadline = .milliseconds(100)
                $0.idleTimeout = .milliseconds(100)
                $0.bodyDeadline = .milliseconds(100)
                $0.writeDeadline = .milliseconds(100)
            },
            routes: { routes in
                routes.get("think") { _, _ in
                    try await Task.sleep(for: .milliseconds(500))
                    return Response.text("thought")
                }
            },
            { listener in
                try await blocking {
                    #expect(try RawClient(port: listener.port).get("/think")?.text == "thought")
                    let client = try RawClient(port: listener.port)
                    try client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\nGET /think HTTP/1.1\r\nHost: t\r\n\r\n")
                    #expect(try client.answer()?.status == 200)
                    #expect(try client.answer()?.text == "thought")
                }
            })
    }

    @Test("A client that never reads is cut, and its memory stays bounded")
    func neverReading() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.writeDeadline = .milliseconds(300) },
            routes: { routes in
                routes.get("large") { _, _ in
                    Response.data([UInt8](repeating: 65, count: 30_000_000), contentType: "text/plain")
                }
            },
            { listener in
                let client = try await blocking {
                    let client = try RawClient(port: listener.port, receiveBytes: 4096)
                    try client.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
                    return client
                }
                try await listener.log.wait { $0.finished.count == 1 }
                #expect(listener.log.now.finished[0].isComplete == false)
                #expect(listener.log.now.cuts == [.write])
                try await listener.log.wait { $0.open == 0 }
                withExtendedLifetime(client) {}
            })
    }
}
