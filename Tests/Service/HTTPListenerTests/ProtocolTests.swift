import HTTPListener
import Testing

@Suite("Listener: requests that break the protocol")
struct ListenerProtocolTests {
    /// Each is sent with a second request behind it, as a smuggler would; only the first may be answered, with an error.
    static let broken: [(name: String, request: String, status: ClosedRange<Int>)] = [
        (
            "length and chunks",
            "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400...400
        ),
        (
            "chunks and length",
            "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400...400
        ),
        (
            "two lengths", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nAB",
            400...400
        ),
        ("length list", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1, 2\r\n\r\nAB", 400...400),
        ("negative length", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n", 400...400),
        ("signed length", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: +1\r\n\r\nA", 400...400),
        (
            "huge length", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            400...413
        ),
        ("other coding", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n", 400...501),
        (
            "coding behind chunked",
            "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400...501
        ),
        (
            "twice chunked",
            "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400...501
        ),
        (
            "misspelt chunked",
            "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400...501
        ),
        ("chunks in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400...400),
        (
            "bad chunk size", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400...400
        ),
        (
            "long chunk", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nAAAA\r\n0\r\n\r\n",
            400...400
        ),
        ("no host", "GET /hello HTTP/1.1\r\n\r\n", 400...400),
        ("two hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400...400),
        ("space before colon", "GET /hello HTTP/1.1\r\nHost : t\r\n\r\n", 400...400),
        ("space in name", "GET /hello HTTP/1.1\r\nHost: t\r\nX Y: z\r\n\r\n", 400...400),
        ("folded length", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length:\r\n 4\r\n\r\nABCD", 400...400),
        (
            "folded coding", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            400...400
        ),
        ("folded field", "GET /hello HTTP/1.1\r\nHost: t\r\nX: a\r\n b\r\n\r\n", 400...400),
        ("bare LF after a field", "GET /hello HTTP/1.1\r\nHost: t\nX: y\r\n\r\n", 400...400),
        ("bare LF everywhere", "GET /hello HTTP/1.1\nHost: t\n\n", 400...400),
        ("bare CR in a value", "GET /hello HTTP/1.1\r\nHost: t\r\nX: a\rb\r\n\r\n", 400...400),
        (
            "bare LF in chunks", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\nAB\n0\n\n",
            400...400
        ),
        ("garbage", "\u{1}\u{2}\u{3}\r\n\r\n", 400...400),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400...400),
        ("no version", "GET /hello\r\nHost: t\r\n\r\n", 400...505),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400...505),
        ("HTTP/9", "GET /hello HTTP/9.9\r\nHost: t\r\n\r\n", 400...505),
        ("NUL in value", "GET /hello HTTP/1.1\r\nHost: t\r\nX: a\u{0}b\r\n\r\n", 400...400),
    ]

    @Test("Broken framing is refused and the connection closed", arguments: broken.indices)
    func refused(index: Int) async throws {
        let (name, request, status) = Self.broken[index]
        try await ListenerUnderTest.run { listener in
            let (answer, rest) = try await blocking {
                let client = try RawClient(port: listener.port)
                try client.send(request + "GET /hello HTTP/1.1\r\nHost: smuggled\r\n\r\n")
                return (try client.answer(), try client.receiveAll())
            }
            #expect(answer.map { status.contains($0.status) } ?? false, "\(name): \(answer?.status ?? 0)")
            #expect(answer?["content-type"] == "application/problem+json", "\(name)")
            #expect(rest.isEmpty, "\(name): \(String(decoding: rest, as: UTF8.self))")
        }
    }

    @Test("A head that is too large is a 431: one field, many fields, the line")
    func tooLarge() async throws {
        let heads = [
            "GET /hello HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: t\r\n"
                + (0..<200).map { "X-\($0): y\r\n" }.joined() + "\r\n",
            "GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nHost: t\r\n\r\n",
            // Never ends.
            "GET /hello HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "a", count: 70_000))",
        ]
        try await ListenerUnderTest.run { listener in
            for (index, head) in heads.enumerated() {
                let answer = try await blocking {
                    let client = try RawClient(port: listener.port)
                    try client.send(head)
                    return try client.answer()
                }
                #expect(answer?.status == 431, "\(index)")
                #expect(answer?.text.contains("urn:retuned:problem:headers-too-large") == true)
            }
        }
    }
}
