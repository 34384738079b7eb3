import HTTPListener
import Hummingbird
import Testing
import Values

@Suite("Listener: requests and answers")
struct ListenerRequestTests {
    @Test("Answers carry Date, Server and a length")
    func fields() async throws {
        try await ListenerUnderTest.run { listener in
            let answer = try await blocking { try RawClient(port: listener.port).get("/hello") }
            #expect(answer?.status == 200)
            #expect(answer?.text == "hello")
            #expect(answer?["date"] == "Wed, 25 Nov 2026 00:00:00 GMT")
            #expect(answer?["server"] == "retuned")
            #expect(answer?["content-length"] == "5")
            try await listener.log.wait { $0.finished.count == 1 }
            let finished = listener.log.now.finished[0]
            #expect(finished.route == "/hello")
            #expect(finished.status == 200)
            #expect(finished.isComplete)
            #expect(finished.bytesSent > 5)
            #expect(finished.bytesReceived == 35)
        }
    }

    @Test("One connection serves many requests")
    func keepAlive() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                for index in 0..<500 {
                    let body = Array("\"\(index)\"".utf8)
                    #expect(try client.post("/echo", body)?.body == body)
                }
            }
            #expect(listener.log.now.mostOpen == 1)
        }
    }

    @Test("Pipelined requests are answered in their order")
    func pipelining() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                var requests = ""
                for index in 0..<300 {
                    let body = "\"\(index)\""
                    requests +=
                        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                }
                try client.send(requests)
                for index in 0..<300 { #expect(try client.answer()?.text == "\"\(index)\"") }
            }
        }
    }

    @Test("HEAD is GET without the body, and the connection goes on")
    func head() async throws {
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("stream") { _, _ in
                    Response.stream(contentType: "text/plain") { try await $0.write("x") }
                }
            },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    let head = try client.get("/hello", method: "HEAD")
                    #expect(head?.status == 200)
                    #expect(head?["content-length"] == "5")
                    #expect(try client.get("/stream", method: "HEAD")?.status == 200)
                    #expect(try client.get("/nothing", method: "HEAD")?.status == 404)
                    #expect(try client.get("/hello")?.text == "hello")
                }
            })
    }

    @Test("404, 405 and a failure of ours are problems")
    func problems() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                let missing = try #require(try client.get("/nothing"))
                #expect(missing.status == 404)
                #expect(missing["content-type"] == "application/problem+json")
                #expect(missing.text.contains("\"type\":\"urn:retuned:problem:not-found\""))
                let wrong = try #require(try client.get("/echo"))
                #expect(wrong.status == 405)
                #expect(wrong["allow"] == "POST")
                let alsoWrong = try #require(try client.post("/hello", []))
                #expect(alsoWrong.status == 405)
                #expect(alsoWrong["allow"] == "GET, HEAD")
                let failed = try #require(try client.get("/fail"))
                #expect(failed.status == 500)
                #expect(failed.text.contains("urn:retuned:problem:internal-error"))
                #expect(!failed.text.contains("SomeError"))
            }
            try await listener.log.wait { $0.finished.count == 4 }
            #expect(listener.log.now.finished.map(\.route) == [nil, "/echo", "/hello", "/fail"])
        }
    }

    @Test("A problem names the record and the field")
    func problemBody() throws {
        let problem = Problem(
            .badRequest, kind: "field-missing", title: "A field is missing.", detail: "“role” is missing.\n", record: 2,
            field: "messages[0].role")
        let json = try JSONValue(parsing: problem.serialized)
        #expect(json["type"] == .string("urn:retuned:problem:field-missing"))
        #expect(json["status"] == .integer(400))
        #expect(json["detail"] == .string("“role” is missing.\n"))
        #expect(json["record"] == .integer(2))
        #expect(json["field"] == .string("messages[0].role"))
        #expect(json["title"] == .string("A field is missing."))
    }

    @Test("HTTP/1.0 gets no chunks, and its connection ends the body")
    func oldVersion() async throws {
        try await ListenerUnderTest.run(
            routes: { routes in
                routes.get("stream") { _, _ in
                    Response.stream(contentType: "text/plain") { writer in
                        try await writer.write("one ")
                        try await writer.write("two")
                    }
                }
            },
            { listener in
                let all = try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send("GET /stream HTTP/1.0\r\n\r\n")
                    return String(decoding: try client.receiveAll(), as: UTF8.self)
                }
                #expect(all.hasSuffix("\r\n\r\none two"))
                #expect(!all.lowercased().contains("transfer-encoding"))
                #expect(all.lowercased().contains("connection: close"))
            })
    }

    @Test("Connection: close is heeded")
    func close() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                let answer = try client.get("/hello", fields: "Connection: close\r\n")
                #expect(answer?["connection"] == "close")
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("A client that has shut down its sending half is answered")
    func halfClosed() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                try client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n")
                client.finishSending()
                #expect(try client.answer()?.text == "hello")
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("The forwarded address counts only where it is trusted, and only its last entry")
    func forwarded() async throws {
        let fields = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7, 203.0.113.9 \r\n"
        for (trusts, expected) in [(true, "203.0.113.9"), (false, "127.0.0.1")] {
            let answer = try await ListenerUnderTest.run(trustsForwardedFor: trusts) { listener in
                try await blocking { try RawClient(port: listener.port).get("/peer", fields: fields) }
            }
            #expect(answer?.text == expected)
        }
        let garbage = try await ListenerUnderTest.run(trustsForwardedFor: true) { listener in
            try await blocking {
                try RawClient(port: listener.port).get("/peer", fields: "X-Forwarded-For: 1.2.3.4, me\r\n")
            }
        }
        #expect(garbage?.text == "127.0.0.1")
    }
}
