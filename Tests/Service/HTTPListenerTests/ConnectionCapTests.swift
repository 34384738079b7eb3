import HTTPListener
import Hummingbird
import Signals
import Testing

@Suite("Listener: how many connections")
struct ListenerConnectionCapTests {
    @Test("The cap is exact when three times as many connect at once, over all addresses; the rest is told 503")
    func exactCap() async throws {
        let cap = 20
        let release = Signal()
        let arrived = Signal()
        let loopback = ListenAddress.tcp(host: "127.0.0.1", port: 0)
        try await ListenerUnderTest.run(
            at: [loopback, loopback],
            limits: { $0.connections = cap },
            routes: { routes in
                routes.get("hold") { _, _ in
                    try await release.wait()
                    return Response.text("held")
                }
            },
            { listener in
                let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                    for index in 0..<(3 * cap) {
                        let port = listener.addresses[index % 2].port ?? 0
                        tasks.addTask {
                            try await blocking {
                                let client = try RawClient(port: port)
                                try client.send("GET /hold HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
                                return try client.answer()?.status ?? 0
                            }
                        }
                    }
                    tasks.addTask {
                        try await listener.log.wait { $0.refusals.count == 2 * cap }
                        arrived.set()
                        release.set()
                        return -1
                    }
                    var statuses: [Int: Int] = [:]
                    for try await status in tasks { statuses[status, default: 0] += 1 }
                    return statuses
                }
                #expect(statuses[200] == cap)
                #expect(statuses[503] == 2 * cap)
                #expect(listener.log.now.mostOpen == cap)
                #expect(arrived.isSet)
                // All places are free again.
                try await listener.log.wait { $0.open == 0 }
                let again = try await blocking { try RawClient(port: listener.port).get("/hello") }
                #expect(again?.status == 200)
            })
    }

    @Test("One address may have only so many; others still get in")
    func perAddress() async throws {
        try await ListenerUnderTest.run(
            limits: { $0.connectionsPerAddress = 3 },
            { listener in
                try await blocking {
                    var held: [RawClient] = []
                    for _ in 0..<3 {
                        let client = try RawClient(port: listener.port, from: "127.0.0.2")
                        #expect(try client.get("/hello")?.status == 200)
                        held.append(client)
                    }
                    let refused = try RawClient(port: listener.port, from: "127.0.0.2").answer()
                    #expect(refused?.status == 503)
                    #expect(refused?["retry-after"] == "1")
                    #expect(refused?["content-type"] == "application/problem+json")
                    #expect(try RawClient(port: listener.port, from: "127.0.0.3").get("/hello")?.status == 200)
                    for client in held { #expect(try client.get("/hello")?.status == 200) }
                }
                try await listener.log.wait { $0.open == 0 }
                let again = try await blocking { try RawClient(port: listener.port, from: "127.0.0.2").get("/hello") }
                #expect(again?.status == 200)
                #expect(listener.log.now.refusals == [.addressFull])
            })
    }

    @Test("Operators get in by the Unix socket while TCP is full")
    func keptForUnix() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/socket"
        try await ListenerUnderTest.run(
            at: [.tcp(host: "127.0.0.1", port: 0), .unix(path: path, mode: 0o600)],
            limits: {
                $0.connections = 4
                $0.connectionsKeptForUnix = 2
            },
            { listener in
                try await blocking {
                    let held = try (0..<2).map { _ in try RawClient(port: listener.port) }
                    for client in held { #expect(try client.get("/hello")?.status == 200) }
                    #expect(try RawClient(port: listener.port).answer()?.status == 503)
                    let operators = try (0..<2).map { _ in try RawClient(path: path) }
                    for client in operators { #expect(try client.get("/hello")?.status == 200) }
                    #expect(try RawClient(path: path).answer()?.status == 503)
                    withExtendedLifetime((held, operators)) {}
                }
            })
    }
}
