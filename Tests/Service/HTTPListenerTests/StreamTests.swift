import HTTPListener
import Hummingbird
import Locking
import Signals
import Testing

@Suite("Listener: streamed answers")
struct ListenerStreamTests {
    @Test("Server-sent events arrive one by one, each when it is sent")
    func events() async throws {
        let steps = (0..<3).map { _ in Signal() }
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("events") { _, _ in
                    Response.eventStream { events in
                        for (index, step) in steps.enumerated() {
                            try await step.wait()
                            try await events.send("line \(index)\nmore", event: "step", id: "\(index)")
                        }
                    }
                }
            },
            { listener in
                let client = try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
                    var head: [String] = []
                    while let line = try client.line(), !line.isEmpty { head.append(line.lowercased()) }
                    #expect(head.contains("content-type: text/event-stream"))
                    #expect(head.contains("transfer-encoding: chunked"))
                    return client
                }
                for (index, step) in steps.enumerated() {
                    step.set()
                    let event = try await blocking {
                        let size = try client.line()
                        var lines: [String] = []
                        while let line = try client.line(), !line.isEmpty { lines.append(line) }
                        _ = try client.line()
                        #expect(size != nil)
                        return lines
                    }
                    #expect(event == ["event: step", "id: \(index)", "data: line \(index)", "data: more"])
                }
                #expect(try await blocking { try client.line() } == "0")
            })
    }

    @Test("A stream is written only as fast as its client reads")
    func backPressure() async throws {
        let written = Locked(0)
        let started = Signal()
        try await ListenerUnderTest.run(
            limits: { $0.writeDeadline = .seconds(60) },
            routes: { routes in
                routes.get("endless") { _, context in
                    context.cancelWhenClientLeaves()
                    return Response.stream(contentType: "text/plain") { writer in
                        let piece = [UInt8](repeating: 65, count: 65_536)
                        while !Task.isCancelled {
                            try await writer.write(piece)
                            written.withLock { $0 += piece.count }
                            started.set()
                        }
                    }
                }
            },
            { listener in
                let client = try await blocking {
                    let client = try RawClient(port: listener.port, receiveBytes: 4096)
                    try client.send("GET /endless HTTP/1.1\r\nHost: t\r\n\r\n")
                    return client
                }
                try await started.wait()
                // What the kernel takes on loopback is at most its send buffer (net.ipv4.tcp_wmem: 4 MiB) and our small
                // receive buffer. Half a second would carry hundreds of megabytes otherwise.
                try await Task.sleep(for: .milliseconds(500))
                #expect(written.withLock { $0 } < 12_000_000)
                let before = written.withLock { $0 }
                try await blocking {
                    var received = 0
                    while received < 20_000_000 { received += try client.receive().count }
                }
                #expect(written.withLock { $0 } > before)
            })
    }

    @Test("When the client leaves, a waiting stream is cancelled and a route is told", arguments: [true, false])
    func clientGone(byCancelling: Bool) async throws {
        let begun = Signal()
        let told = Signal()
        let ended = Signal()
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("wait") { _, context in
                    if byCancelling { context.cancelWhenClientLeaves() } else { context.onClientLeft { told.set() } }
                    return Response.stream(contentType: "text/plain") { writer in
                        defer { ended.set() }
                        try await writer.write("first")
                        begun.set()
                        if byCancelling {
                            try await Task.sleep(for: .seconds(600))
                        } else {
                            try await told.wait()
                            #expect(!Task.isCancelled)
                        }
                    }
                }
            },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n")
                    _ = try client.receive()
                }
                try await begun.wait()
                try await ended.wait()
                try await listener.log.wait { $0.open == 0 }
            })
    }

    @Test("A client that leaves before the answer cancels a route that asked for it")
    func goneBeforeAnswer() async throws {
        let begun = Signal()
        let cancelled = Signal()
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.post("wait") { _, context -> Response in
                    _ = try await context.collectBody()
                    context.cancelWhenClientLeaves()
                    begun.set()
                    defer { cancelled.set() }
                    try await Task.sleep(for: .seconds(600))
                    return Response.text("never")
                }
            },
            { listener in
                let client = try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send("POST /wait HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}")
                    return client
                }
                try await begun.wait()
                client.finishSending()
                try await cancelled.wait()
            })
    }

    @Test("A stream that fails is cut, so that the client sees it; so is an answer of the wrong length")
    func failing() async throws {
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("fails") { _, _ in
                    Response.stream(contentType: "text/plain") { writer in
                        try await writer.write("half")
                        throw SomeError()
                    }
                }
                routes.get("short") { _, _ in
                    Response(
                        status: .ok,
                        body: .init(contentLength: 10) { writer in
                            try await writer.write(.init(string: "short"))
                            try await writer.finish(nil)
                        })
                }
                routes.get("long") { _, _ in
                    Response(
                        status: .ok,
                        body: .init(contentLength: 3) { writer in
                            try await writer.write(.init(string: "too long"))
                            try await writer.finish(nil)
                        })
                }
            },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send("GET /fails HTTP/1.1\r\nHost: t\r\n\r\n")
                    let text = String(decoding: try client.receiveAll(), as: UTF8.self)
                    #expect(text.hasSuffix("4\r\nhalf\r\n"))
                    for path in ["/short", "/long"] {
                        let client = try RawClient(port: listener.port)
                        try client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                        let text = String(decoding: try client.receiveAll(), as: UTF8.self)
                        #expect(!text.hasSuffix("too long"))
                    }
                }
                try await listener.log.wait { $0.finished.count == 3 }
                #expect(listener.log.now.finished.allSatisfy { !$0.isComplete })
            })
    }
}
