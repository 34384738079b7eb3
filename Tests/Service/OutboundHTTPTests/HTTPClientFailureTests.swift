import Glibc
import Locking
import LoopbackServer
import OutboundHTTP
import Testing

@Suite("OutboundHTTP failures")
struct HTTPClientFailureTests {
    let client = HTTPClient()

    private func failure(_ request: OutboundRequest) async -> OutboundHTTPError? {
        do {
            _ = try await client.fetch(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("Refused, by a port that nobody listens on")
    func refused() async throws {
        let server = try LoopbackServer { _ in }
        let url = server.url
        server.close()
        let error = await failure(OutboundRequest(url: url + "/x?secret=1"))
        #expect(error == .connectionRefused(url: url + "/x"))
        #expect(error?.isRetryable == true && error?.happenedBeforeSending == true)
    }

    @Test("Each deadline by its name")
    func deadlines() async throws {
        let hanging = try LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            if request.target == "/body" { connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx") }
            connection.waitForClose()
        }
        defer { hanging.close() }
        async let total = failure(
            OutboundRequest(url: hanging.url + "/head", deadlines: .init(total: .milliseconds(200))))
        async let inBody = failure(
            OutboundRequest(url: hanging.url + "/body", deadlines: .init(total: .milliseconds(200))))
        async let idle = failure(
            OutboundRequest(url: hanging.url + "/body", deadlines: .init(total: .seconds(30), idle: .seconds(1))))
        #expect(await total == .timedOut(url: hanging.url + "/head", deadline: .total, after: .milliseconds(200)))
        #expect(await inBody == .timedOut(url: hanging.url + "/body", deadline: .total, after: .milliseconds(200)))
        #expect(await idle == .timedOut(url: hanging.url + "/body", deadline: .idle, after: .seconds(1)))

        // A listener that takes nobody: the kernel completes backlog + 1 connections and drops the rest.
        let full = try LoopbackServer(backlog: 0, accepting: false) { _ in }
        defer { full.close() }
        let request = OutboundRequest(
            url: full.url, deadlines: .init(connect: .milliseconds(300), total: .milliseconds(900)))
        let errors = await withTaskGroup(of: OutboundHTTPError?.self) { group in
            for _ in 0..<5 { group.addTask { await failure(request) } }
            return await group.reduce(into: [OutboundHTTPError?]()) { $0.append($1) }
        }
        #expect(errors.contains(.timedOut(url: full.url, deadline: .connect, after: .milliseconds(300))))
        #expect(errors.allSatisfy { if case .timedOut = $0 { true } else { false } })
    }

    @Test("Resets, early ends and garbage")
    func broken() async throws {
        let server = try LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            switch request.target {
            case "/reset": connection.reset()
            case "/close": connection.close()
            case "/short": connection.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx")
            case "/garbage": connection.write("SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
            default:
                connection.write("HTTP/1.1 200 OK\r\n")
                for number in 0..<400 where connection.write("h\(number): \(String(repeating: "x", count: 1000))\r\n") {
                }
                connection.write("\r\n")
            }
        }
        defer { server.close() }
        for target in ["/reset", "/close", "/short"] {
            let error = await failure(OutboundRequest(url: server.url + target))
            guard case .connectionLost = error else {
                Issue.record("\(target): \(String(describing: error))")
                continue
            }
            #expect(error?.isRetryable == true && error?.happenedBeforeSending == false)
        }
        for target in ["/garbage", "/hugeHead"] {
            guard case .malformedResponse = await failure(OutboundRequest(url: server.url + target)) else {
                Issue.record("\(target)")
                continue
            }
        }
    }

    @Test("A plain server under https is a TLS error")
    func tls() async throws {
        let server = try LoopbackServer { connection in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        defer { server.close() }
        let error = await failure(OutboundRequest(url: "https://127.0.0.1:\(server.port)/"))
        guard case .tls = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("Too large, by the request's limit and by the reader's")
    func tooLarge() async throws {
        let server = try LoopbackServer { _ in (200, String(repeating: "x", count: 100_000)) }
        defer { server.close() }
        #expect(
            await failure(OutboundRequest(url: server.url, maximumResponseBytes: 99_999))
                == .responseTooLarge(url: server.url, maximumBytes: 99_999))
        let response = try await client.send(OutboundRequest(url: server.url))
        await #expect(throws: OutboundHTTPError.responseTooLarge(url: server.url, maximumBytes: 10)) {
            try await response.collect(upTo: 10)
        }
        let prefix = try await client.send(OutboundRequest(url: server.url)).body.prefix(bytes: 70_000)
        #expect(prefix.count == 70_000)
        #expect(try await client.fetch(OutboundRequest(url: server.url, maximumResponseBytes: 100_000)).status == 200)
    }

    @Test("Requests that would change the framing or the protocol are refused")
    func invalid() async throws {
        let server = try LoopbackServer { _ in (200, "") }
        defer { server.close() }
        let url = server.url
        for request in [
            OutboundRequest(url: url, headers: ["a": "b\r\nc: d"]), OutboundRequest(url: url, headers: ["a b": "c"]),
            OutboundRequest(url: url, headers: ["": "c"]), OutboundRequest(method: "GET /x", url: url),
            OutboundRequest(url: url + "/a b"), OutboundRequest(url: url + "/\n"),
            OutboundRequest(url: "file:///etc/passwd"),
            OutboundRequest(url: "gopher://127.0.0.1"), OutboundRequest(url: "http://[::1"),
            OutboundRequest(url: url, unixSocketPath: String(repeating: "x", count: 108)),
        ] {
            guard case .invalidRequest = await failure(request) else {
                Issue.record("\(request.method) \(request.url) \(request.headers)")
                continue
            }
        }
        #expect(server.acceptedConnections == 0)
    }

    @Test("A proxy in the environment is not used")
    func proxy() async throws {
        let server = try LoopbackServer { _ in (200, "direct") }
        defer { server.close() }
        unsafe setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsafe unsetenv("http_proxy") }
        #expect(try await client.fetch(OutboundRequest(url: server.url)).status == 200)
    }

    @Test("URLs for logs have no query, fragment or credentials")
    func redaction() {
        #expect(OutboundRequest.redacted("https://u:p@h:1/a?b#c") == "https://h:1/a")
        #expect(OutboundRequest.redacted("https://h/a@b#c") == "https://h/a@b")
        #expect(OutboundRequest.redacted("nonsense?x") == "nonsense")
    }
}
