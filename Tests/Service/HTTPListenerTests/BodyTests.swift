import CZlib
import HTTPListener
import Hummingbird
import Testing

@Suite("Listener: request bodies")
struct ListenerBodyTests {
    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: zlib_gzip_bound(bytes.count))
        var count = 0
        let status = unsafe zlib_gzip(bytes, bytes.count, 6, &output, output.count, &count)
        precondition(status == ZLIB_DONE)
        return Array(output[..<count])
    }

    private let text = Array(String(repeating: "{\"query\": \"Wo bleibt mein Paket?\"}\n", count: 4000).utf8)

    @Test("A body over the limit is a 413, with a length, in chunks, and by a route's own limit")
    func limit() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.bodyBytes = 1000 },
            routes: { routes in
                routes.post("small") { _, context in
                    Response.text("\(try await context.collectBody(limit: 10).readableBytes)")
                }
                routes.post("large") { _, context in
                    Response.text("\(try await context.collectBody(limit: 5000).readableBytes)")
                }
                routes.post("plain") { request, _ in
                    Response.text("\(try await request.body.collect(upTo: 500).readableBytes)")
                }
            },
            { listener in
                try await blocking {
                    func status(_ path: String, _ count: Int) throws -> Int? {
                        let body = [UInt8](repeating: 65, count: count)
                        return try RawClient(port: listener.port).post(path, body)?.status
                    }
                    #expect(try status("/echo", 1000) == 200)
                    #expect(try status("/echo", 1001) == 413)
                    #expect(try status("/small", 10) == 200)
                    #expect(try status("/small", 11) == 413)
                    #expect(try status("/large", 5000) == 200)
                    #expect(try status("/large", 5001) == 413)
                    #expect(try status("/plain", 500) == 200)
                    #expect(try status("/plain", 501) == 413)

                    let client = try RawClient(port: listener.port)
                    try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
                    let chunk = "1f4\r\n" + String(repeating: "A", count: 500) + "\r\n"
                    try client.send(chunk + chunk + chunk)
                    let answer = try #require(try client.answer())
                    #expect(answer.status == 413)
                    #expect(answer["content-type"] == "application/problem+json")
                    #expect(answer["connection"] == "close")
                }
            })
    }

    @Test("A large refused upload still gets its answer, not a reset")
    func lingering() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.bodyBytes = 1000 },
            { listener in
                let answer = try await blocking {
                    let client = try RawClient(port: listener.port)
                    return try client.post("/echo", [UInt8](repeating: 65, count: 4_000_000))
                }
                #expect(answer?.status == 413)
            })
    }

    @Test("A small body that a route ignores does not end the connection")
    func unread() async throws {
        try await ListenerUnderTest.run(
            routes: { $0.post("ignore") { _, _ in Response.text("ignored") } },
            { listener in
                try await blocking {
                    let client = try RawClient(port: listener.port)
                    for _ in 0..<3 {
                        #expect(try client.post("/ignore", [UInt8](repeating: 65, count: 50_000))?.status == 200)
                    }
                    let answer = try client.post("/ignore", [UInt8](repeating: 65, count: 100_000))
                    #expect(answer?["connection"] == "close")
                }
            })
    }

    @Test("gzip bodies are decompressed, in one member or several, whole or in pieces")
    func gzip() async throws {
        let text = text
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                let whole = Self.gzip(text)
                #expect(try client.post("/echo", whole, fields: "Content-Encoding: gzip\r\n")?.body == text)
                let members = Self.gzip(Array(text[..<500])) + Self.gzip(Array(text[500...]))
                #expect(try client.post("/echo", members, fields: "Content-Encoding: gzip\r\n")?.body == text)
                try client.send(
                    "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
                for byte in whole { try client.send(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
                try client.send("0\r\n\r\n")
                #expect(try client.answer()?.body == text)
                #expect(try client.post("/echo", text, fields: "Content-Encoding: identity\r\n")?.body == text)
            }
        }
    }

    @Test("A gzip bomb is a 413")
    func bomb() async throws {
        // 256 MB of zeros in 256 kB.
        let bomb = Self.gzip([UInt8](repeating: 0, count: 256_000_000))
        try await ListenerUnderTest.run { listener in
            let answer = try await blocking {
                try RawClient(port: listener.port).post("/echo", bomb, fields: "Content-Encoding: gzip\r\n")
            }
            #expect(answer?.status == 413)
        }
    }

    @Test("Broken gzip is a 400, another encoding a 415")
    func brokenEncodings() async throws {
        let good = Self.gzip(text)
        var wrongSum = good
        wrongSum[wrongSum.count - 6] ^= 1
        let bodies: [(body: [UInt8], encoding: String, status: Int)] = [
            (Array("this is not gzip at all".utf8), "gzip", 400),
            (Array(good.dropLast(1)), "gzip", 400),
            (Array(good.prefix(good.count / 2)), "gzip", 400),
            (Array(good.prefix(3)), "gzip", 400),
            (wrongSum, "gzip", 400),
            (good + [1, 2, 3], "gzip", 400),
            (good, "br", 415),
            (good, "gzip, gzip", 415),
        ]
        try await ListenerUnderTest.run { listener in
            try await blocking {
                for (body, encoding, status) in bodies {
                    let answer = try RawClient(port: listener.port).post(
                        "/echo", body, fields: "Content-Encoding: \(encoding)\r\n")
                    #expect(answer?.status == status, "\(encoding), \(body.count) bytes")
                    #expect(answer?["content-type"] == "application/problem+json")
                    if status == 415 { #expect(answer?["accept-encoding"] == "gzip") }
                }
            }
        }
    }

    @Test("100 Continue is sent when the route wants the body, and not before a refusal")
    func expectation() async throws {
        try await ListenerUnderTest.run { listener in
            try await blocking {
                let client = try RawClient(port: listener.port)
                let head = "POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: "
                try client.send(head + "2\r\n\r\n")
                #expect(try client.answer()?.status == 100)
                try client.send("{}")
                #expect(try client.answer()?.text == "{}")

                try client.send(head + "999999999\r\n\r\n")
                let refused = try client.answer()
                #expect(refused?.status == 413)
                #expect(refused?["connection"] == "close")

                let other = try RawClient(port: listener.port)
                try other.send("POST /nothing HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                #expect(try other.answer()?.status == 404)
                let strange = try RawClient(port: listener.port)
                #expect(try strange.post("/echo", [1], fields: "Expect: tea\r\n")?.status == 417)
            }
        }
    }
}
