import Locking
import LoopbackServer
import OutboundHTTP
import Testing

@Suite("OutboundHTTP client")
struct HTTPClientTests {
    let client = HTTPClient()

    @Test("Method, target, headers and body arrive; status, headers and body come back")
    func exchange() async throws {
        let seen = Locked<[Request]>([])
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                seen.withLock { $0.append(request) }
                connection.respond(
                    status: 207, headers: ["X-Answer": " yes ", "Set-Cookie": "a=b"], body: Array("body".utf8))
            }
        }
        defer { server.close() }
        for (method, body) in [("POST", "{}"), ("GET", ""), ("PUT", ""), ("DELETE", "why"), ("PATCH", "x")] {
            let answer = try await client.fetch(
                OutboundRequest(
                    method: method, url: server.url + "/a/../b?c=d",
                    headers: ["X-Own": "1", "Empty": "", "Content-Length": "77", "Content-Type": "application/json"],
                    body: Array(body.utf8)))
            #expect(answer.status == 207)
            #expect(answer.headers["x-ANSWER"] == "yes")
            #expect(answer.body == Array("body".utf8))
            let request = try #require(seen.withLock { $0.last })
            #expect(request.method == method)
            #expect(request.target == "/a/../b?c=d")
            #expect(request.header("x-own") == "1")
            #expect(request.header("empty") == "")
            #expect(request.header("content-type") == "application/json")
            #expect(request.header("user-agent") == "retuned")
            #expect(request.header("accept") == nil)
            #expect(request.header("expect") == nil)
            #expect(request.body == Array(body.utf8))
        }
        #expect(server.acceptedConnections == 1)
    }

    @Test("Bodies of megabytes go out without waiting for 100-continue, and HEAD has no body")
    func largeBody() async throws {
        let server = try LoopbackServer { request in
            (200, request.method == "HEAD" ? "" : "\(request.body.count) \(request.body.last ?? 0)")
        }
        defer { server.close() }
        for count in [65_536, 65_537, 8_000_000] {
            let answer = try await client.fetch(
                OutboundRequest(
                    method: "POST", url: server.url, body: [UInt8](repeating: 1, count: count - 1) + [7]))
            #expect(String(decoding: answer.body, as: UTF8.self) == "\(count) 7")
        }
        let head = try await client.fetch(OutboundRequest(method: "HEAD", url: server.url))
        #expect(head.status == 200 && head.body.isEmpty)
    }

    @Test("A Unix socket")
    func unixSocket() async throws {
        let path = "/tmp/retuned-outbound-\(UInt64.random(in: 0 ... .max)).sock"
        let server = try LoopbackServer(unixSocketPath: path) { (200, $0.header("host") ?? "") }
        defer { server.close() }
        let answer = try await client.fetch(
            OutboundRequest(url: "http://engine/v1/models", unixSocketPath: path, addressPolicy: .publicOnly()))
        #expect(String(decoding: answer.body, as: UTF8.self) == "engine")
        await #expect(throws: OutboundHTTPError.self) {
            try await client.fetch(OutboundRequest(url: "http://engine/", unixSocketPath: path + "x"))
        }
    }

    @Test("Interim answers are passed over, trailers are not headers, folded and odd lines are read")
    func oddHeads() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write(
                "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
                    + "a: 1\r\nA:2\r\n\r\n3\r\nabc\r\n0\r\ntrailer: t\r\n\r\n")
        }
        defer { server.close() }
        let answer = try await client.fetch(OutboundRequest(url: server.url))
        #expect(answer.status == 200)
        #expect(answer.headers["link"] == nil && answer.headers["trailer"] == nil)
        #expect(answer.headers.all("a") == ["1", "2"])
        #expect(answer.body == Array("abc".utf8))
    }

    @Test("Redirects are answers")
    func redirect() async throws {
        let count = Locked(0)
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                count.withLock { $0 += 1 }
                connection.respond(status: 301, headers: ["location": "/elsewhere"])
            }
        }
        defer { server.close() }
        #expect(try await client.fetch(OutboundRequest(url: server.url)).status == 301)
        #expect(count.withLock { $0 } == 1)
    }

    @Test("Thousands of requests from many tasks over few connections")
    func manyTasks() async throws {
        let server = try LoopbackServer { (200, $0.target) }
        defer { server.close() }
        let client = HTTPClient(configuration: .init(maximumConnectionsPerHost: 16))
        let url = server.url
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for number in 0..<50 {
                        let answer = try await client.fetch(OutboundRequest(url: "\(url)/\(task)/\(number)"))
                        #expect(String(decoding: answer.body, as: UTF8.self) == "/\(task)/\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(server.acceptedConnections <= 16)
        client.close()
    }

    @Test("A closed client ends what runs and refuses what comes")
    func close() async throws {
        let (requests, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            arrived.yield()
            connection.waitForClose()
        }
        defer { server.close() }
        let client = HTTPClient()
        let url = server.url
        let task = Task { try await client.send(OutboundRequest(url: url)) }
        var iterator = requests.makeAsyncIterator()
        _ = await iterator.next()
        client.close()
        await #expect(throws: OutboundHTTPError.cancelled(url: url)) { try await task.value }
        await #expect(throws: OutboundHTTPError.clientClosed) { try await client.send(OutboundRequest(url: url)) }
    }
}
