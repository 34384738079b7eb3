import Locking
import LoopbackServer
import OutboundHTTP
import Testing

@Suite("OutboundHTTP streaming")
struct StreamingTests {
    let client = HTTPClient()

    @Test("Pieces come as they are sent")
    func pieces() async throws {
        let (go, next) = AsyncStream.makeStream(of: Int.self)
        let server = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            // Each piece waits for the client's word, sent as a further request line on the same connection's twin.
            next.yield(0)
            connection.write("5\r\nfirst\r\n")
            connection.waitForClose()
        }
        defer { server.close() }
        let response = try await client.send(OutboundRequest(url: server.url))
        var iterator = response.body.makeAsyncIterator()
        // The answer is not complete, yet its first piece is here.
        #expect(try await iterator.next() == Array("first".utf8))
        var signals = go.makeAsyncIterator()
        #expect(await signals.next() == 0)
        response.body.cancel()
        await #expect(throws: OutboundHTTPError.self) { try await iterator.next() }
    }

    @Test("A reader that stops stops the sender; going on gives every byte")
    func backPressure() async throws {
        let (stalls, stalled) = AsyncStream.makeStream(of: Int.self)
        let total = 64 << 20
        let server = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.setWriteDeadline(seconds: 1)
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n")
            var sent = 0
            var reported = false
            let piece = [UInt8](repeating: 0x61, count: 1 << 16)
            while sent < total {
                let count = connection.writeSome(Array(piece.prefix(total - sent)))
                sent += count
                // Nothing was taken for a second: the reader's end is full.
                if count < piece.count, sent < total, !reported {
                    reported = true
                    stalled.yield(sent)
                }
            }
        }
        defer { server.close() }
        let response = try await client.send(OutboundRequest(url: server.url))
        var iterator = response.body.makeAsyncIterator()
        var received = try #require(try await iterator.next()).count
        var stall = stalls.makeAsyncIterator()
        let sentBeforeStall = try #require(await stall.next())
        // What the kernel's buffers of both sides hold (up to 6 + 4 MiB by default) and 64 KiB of ours.
        #expect(sentBeforeStall < 16 << 20)
        while let chunk = try await iterator.next() { received += chunk.count }
        #expect(received == total)
    }

    @Test("Cancelling a task closes the connection, before the head and in the body; so does dropping the body")
    func cancellation() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let server = try LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            if request.target != "/head" { connection.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nx") }
            event.yield("asked \(request.target)")
            connection.waitForClose()
            event.yield("closed \(request.target)")
        }
        defer { server.close() }
        var iterator = events.makeAsyncIterator()
        let (client, url) = (client, server.url)

        let head = Task { try await client.send(OutboundRequest(url: url + "/head")) }
        #expect(await iterator.next() == "asked /head")
        head.cancel()
        await #expect(throws: OutboundHTTPError.cancelled(url: url + "/head")) { try await head.value }
        #expect(await iterator.next() == "closed /head")

        let body = Task { try await client.fetch(OutboundRequest(url: url + "/body")).body }
        #expect(await iterator.next() == "asked /body")
        body.cancel()
        await #expect(throws: OutboundHTTPError.cancelled(url: url + "/body")) { try await body.value }
        #expect(await iterator.next() == "closed /body")

        _ = try await client.send(OutboundRequest(url: url + "/drop")).status
        #expect(await iterator.next() == "asked /drop")
        #expect(await iterator.next() == "closed /drop")

        let before = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await client.send(OutboundRequest(url: url + "/never"))
        }
        await #expect(throws: OutboundHTTPError.cancelled(url: url + "/never")) { try await before.value }
    }
}
