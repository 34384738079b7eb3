import Locking
import LoopbackServer
import OutboundHTTP
import Store
import Testing
import Values
import Webhooks

@Suite("Webhooks dispatcher")
struct WebhookDispatcherTests {
    typealias Mark = ObservedOutbox.Mark

    /// A receiver that answers with the next of `script`, then with 200; keeps what it got.
    private func receiver(
        _ script: [@Sendable (Connection) -> Void], requests: Locked<[Request]>
    ) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = connection.readRequest() {
                let number = requests.withLock { requests in
                    requests.append(request)
                    return requests.count - 1
                }
                if number < script.count {
                    script[number](connection)
                } else {
                    connection.respond(status: 204)
                }
            }
        }
    }

    private func answer(_ status: Int, _ headers: [String: String] = [:]) -> @Sendable (Connection) -> Void {
        { $0.respond(status: status, headers: headers) }
    }

    @Test("An event that comes right after the first look at the outbox is delivered")
    func eventAfterFirstLook() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver([], requests: requests)
        defer { server.close() }
        let rig = try DispatcherRig(endpoints: [try DispatcherRig.endpoint("main", server.url)])
        rig.outbox.afterReading.withLock { $0 = { try await rig.append("msg_1") } }
        try await rig.run { marks in
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "main"))
        }
    }

    @Test("Failures are tried again on the schedule under the same id and signed anew, until success")
    func retries() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver(
            [
                { $0.reset() }, answer(500), answer(301, ["location": "/other"]), answer(429, ["retry-after": "9000"]),
                answer(503, ["retry-after": "1"]),
            ], requests: requests)
        defer { server.close() }
        // The reset comes on a fresh connection: on a kept one libcurl would send the request once more by itself.
        let rig = try DispatcherRig(endpoints: [try DispatcherRig.endpoint("main", server.url + "/hook?token=geheim")])
        try await rig.run { marks in
            try await rig.append("msg_1")
            var time = DispatcherRig.start
            for (delay, word) in [(5.0, "lost"), (300, "500"), (1800, "301"), (9000, "429"), (18000, "503")] {
                guard case .failed("msg_1", "main", let error, let next) = await marks.next() else {
                    throw Unexpected()
                }
                #expect(error.contains(word))
                #expect(!error.contains("geheim"))
                time = time.advanced(bySeconds: delay)
                #expect(next == time)
                for await sleep in rig.clock.sleeps where sleep == time { break }
                rig.clock.advance(to: time)
            }
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "main"))
            let record = try #require(try await rig.store.deliveries(event: "msg_1").first)
            #expect(record.status == .delivered && record.attempts == 6 && record.lastError == nil)
        }
        let seen = requests.withLock { $0 }
        #expect(seen.count == 6)
        let secret = try WebhookSecret(DispatcherRig.secretText)
        var time = DispatcherRig.start
        for (request, delay) in zip(seen, [0.0, 5, 300, 1800, 9000, 18000]) {
            time = time.advanced(bySeconds: delay)
            #expect(request.method == "POST" && request.target == "/hook?token=geheim")
            #expect(request.header("content-type") == "application/json")
            #expect(request.body == Array(#"{"type":"adapter.promoted"}"#.utf8))
            #expect(request.header("webhook-id") == "msg_1")
            #expect(request.header("webhook-timestamp") == "\(time.milliseconds / 1000)")
            try WebhookSignature.verify(
                identifier: "msg_1", timestamp: request.header("webhook-timestamp") ?? "",
                signature: request.header("webhook-signature") ?? "", body: request.body, secrets: [secret], now: time)
        }
        let log = rig.lines.withLock { $0.joined(separator: "\n") }
        #expect(!log.contains("geheim") && !log.contains("MfKQ") && log.contains("/hook"))
    }

    @Test("After the last attempt a dead letter, which can be resent; types choose endpoints")
    func deadLetters() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver(
            [@Sendable (Connection) -> Void](repeating: answer(500), count: 10), requests: requests)
        defer { server.close() }
        let rig = try DispatcherRig(endpoints: [
            try DispatcherRig.endpoint("main", server.url),
            try DispatcherRig.endpoint("other", server.url, types: ["x"]),
        ])
        try await rig.run { marks in
            try await rig.append("msg_1")
            for attempt in 1...10 {
                guard case .failed("msg_1", "main", _, let next) = await marks.next() else { throw Unexpected() }
                guard let next else {
                    #expect(attempt == 10)
                    break
                }
                for await sleep in rig.clock.sleeps where sleep == next { break }
                rig.clock.advance(to: next)
            }
            #expect(
                rig.clock.now().seconds(since: DispatcherRig.start) == 5 + 300 + 1800 + 7200 + 18000 + 36000 + 50400
                    + 72000 + 86400)
            #expect(try await rig.store.deadLetters().map(\.endpoint) == ["main"])
            #expect(try await rig.dispatcher.resend(event: "msg_1") == ["main"])
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "main"))
            #expect(try await rig.store.deadLetters().isEmpty)
            await #expect(throws: WebhookError.unknownEvent(identifier: "msg_2")) {
                try await rig.dispatcher.resend(event: "msg_2")
            }
        }
        #expect(Set(requests.withLock { $0.map { $0.header("webhook-id") } }) == ["msg_1"])
    }

    @Test("410 disables the endpoint until an operator enables it")
    func gone() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver([answer(410)], requests: requests)
        defer { server.close() }
        let rig = try DispatcherRig(endpoints: [try DispatcherRig.endpoint("main", server.url)])
        try await rig.run { marks in
            try await rig.append("msg_1")
            guard case .failed("msg_1", "main", _, nil) = await marks.next() else { throw Unexpected() }
            #expect(await marks.next() == .disabled(endpoint: "main"))
            await #expect(throws: WebhookError.self) { try await rig.dispatcher.resend(event: "msg_1") }
            try await rig.append("msg_2")
            #expect(try await rig.dispatcher.test(endpoint: "main").isDelivered)
            #expect(requests.withLock { $0.map { $0.header("webhook-id") } } == ["msg_1", "msg_test"])
            try await rig.dispatcher.enable(endpoint: "main")
            #expect(await marks.next() == .delivered(event: "msg_2", endpoint: "main"))
        }
    }

    @Test("What waits for its next attempt is sent at once where an operator enables the receiver")
    func hastened() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver([answer(500)], requests: requests)
        defer { server.close() }
        let rig = try DispatcherRig(endpoints: [try DispatcherRig.endpoint("main", server.url)])
        try await rig.run { marks in
            try await rig.append("msg_1")
            guard case .failed("msg_1", "main", _, _?) = await marks.next() else { throw Unexpected() }
            try await rig.dispatcher.enable(endpoint: "main")
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "main"))
        }
    }

    @Test("A receiver that hangs delays no other; stopping breaks its attempts off without counting them")
    func slowReceiver() async throws {
        let (events, event) = AsyncStream.makeStream(of: Void.self)
        let hanging = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            event.yield()
            connection.waitForClose()
        }
        defer { hanging.close() }
        let requests = Locked<[Request]>([])
        let quick = try receiver([], requests: requests)
        defer { quick.close() }
        let rig = try DispatcherRig(endpoints: [
            try DispatcherRig.endpoint("hanging", hanging.url), try DispatcherRig.endpoint("quick", quick.url),
        ])
        var records: [DeliveryRecord] = []
        try await rig.run { marks in
            for number in 0..<20 { try await rig.append("msg_\(number)") }
            var delivered: Set<String> = []
            while delivered.count < 20, case .delivered(let identifier, "quick") = await marks.next() {
                delivered.insert(identifier)
            }
            #expect(delivered.count == 20)
            var iterator = events.makeAsyncIterator()
            await iterator.next()
            for number in 0..<20 { records += try await rig.store.deliveries(event: "msg_\(number)") }
        }
        #expect(records.filter { $0.endpoint == "hanging" && $0.status == .pending && $0.attempts == 0 }.count == 20)
    }

    @Test("A huge answer is success by its status; addresses that are not allowed are never contacted")
    func hugeAndForbidden() async throws {
        let huge = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
            while connection.write([UInt8](repeating: 0, count: 1 << 16)) {}
        }
        defer { huge.close() }
        let rig = try DispatcherRig(endpoints: [
            try DispatcherRig.endpoint("huge", huge.url, types: ["a"]),
            try DispatcherRig.endpoint("forbidden", "http://0x7f.1:\(huge.port)", types: ["b"], policy: .publicOnly()),
        ])
        try await rig.run { marks in
            try await rig.append("msg_1", type: "a")
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "huge"))
            try await rig.append("msg_2", type: "b")
            guard case .failed("msg_2", "forbidden", let error, _?) = await marks.next() else { throw Unexpected() }
            #expect(error.contains("127.0.0.1"))
            #expect(huge.acceptedConnections == 1)
            #expect(try await rig.dispatcher.test(endpoint: "forbidden").isDelivered == false)
            await #expect(throws: WebhookError.unknownEndpoint(name: "nobody")) {
                try await rig.dispatcher.test(endpoint: "nobody")
            }
        }
    }

    @Test("What was stored before the start is delivered; a new endpoint after a reload gets what comes then")
    func startAndReload() async throws {
        let requests = Locked<[Request]>([])
        let server = try receiver([], requests: requests)
        defer { server.close() }
        let rig = try DispatcherRig(endpoints: [try DispatcherRig.endpoint("first", server.url)])
        try await rig.append("msg_1")
        try await rig.run { marks in
            #expect(await marks.next() == .delivered(event: "msg_1", endpoint: "first"))
            rig.dispatcher.reconfigure(endpoints: [try DispatcherRig.endpoint("second", server.url)])
            try await rig.append("msg_2")
            #expect(await marks.next() == .delivered(event: "msg_2", endpoint: "second"))
        }
        #expect(requests.withLock { $0.count } == 2)
    }

    private struct Unexpected: Error {}
}
