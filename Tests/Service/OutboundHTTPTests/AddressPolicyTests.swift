import Locking
import LoopbackServer
import OutboundHTTP
import Testing

@Suite("OutboundHTTP addresses")
struct AddressPolicyTests {
    @Test("Every spelling of an address that is not public is refused before a connection")
    func spellings() async throws {
        let server = try LoopbackServer { _ in (200, "reached") }
        defer { server.close() }
        let client = HTTPClient()
        for host in [
            "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.0.0.1.",
            "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "0.0.0.0", "0", "[::]",
            "169.254.169.254", "0xa9fea9fe", "10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "[fd00::1]",
            "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255",
            "①②⑦.0.0.1",
        ] {
            do {
                _ = try await client.send(
                    OutboundRequest(
                        url: "http://\(host):\(server.port)/", deadlines: .init(connect: .seconds(3)),
                        addressPolicy: .publicOnly()))
                Issue.record("\(host) was reached")
            } catch .addressRefused {
            } catch {
                // Not resolved, malformed or without a route: not reached either; refused is wanted where it resolves.
                switch error {
                case .nameNotResolved, .invalidRequest, .connectionFailed: break
                default: Issue.record("\(host): \(error)")
                }
            }
        }
        #expect(server.acceptedConnections == 0)
    }

    @Test("Loopback only, and ranges allowed by name")
    func allowed() async throws {
        let server = try LoopbackServer { _ in (200, "reached") }
        defer { server.close() }
        let client = HTTPClient()
        let range = try #require(AddressRange("127.0.0.0/8"))
        for policy in [AddressPolicy.any, .loopbackOnly, .publicOnly(allowing: [range])] {
            for host in ["127.0.0.1", "127.1", "2130706433"] {
                let request = OutboundRequest(url: "http://\(host):\(server.port)/", addressPolicy: policy)
                #expect(try await client.fetch(request).status == 200)
            }
        }
        await #expect(
            throws: OutboundHTTPError.addressRefused(url: "http://192.0.2.1:9/", address: "192.0.2.1")
        ) {
            try await client.send(OutboundRequest(url: "http://192.0.2.1:9/", addressPolicy: .loopbackOnly))
        }
    }

    @Test("A kept connection that another request was allowed is not used by one that is not")
    func keptConnection() async throws {
        let count = Locked(0)
        let server = try LoopbackServer { _ in
            count.withLock { $0 += 1 }
            return (200, "")
        }
        defer { server.close() }
        let client = HTTPClient()
        #expect(try await client.fetch(OutboundRequest(url: server.url)).status == 200)
        await #expect(throws: OutboundHTTPError.addressRefused(url: server.url, address: "127.0.0.1")) {
            try await client.send(OutboundRequest(url: server.url, addressPolicy: .publicOnly()))
        }
        #expect(count.withLock { $0 } == 1)
    }

    @Test(
        "Public addresses",
        arguments: [
            ("8.8.8.8", true), ("1.1.1.1", true), ("172.32.0.1", true), ("100.128.0.1", true), ("198.20.0.1", true),
            ("2606:4700::1111", true), ("64:ff9b::808:808", true), ("::ffff:8.8.8.8", true),
            ("127.255.255.255", false), ("169.254.169.254", false), ("172.16.0.1", false), ("198.19.0.1", false),
            ("::", false), ("::1", false), ("::ffff:10.0.0.1", false), ("fc00::1", false), ("ff02::1", false),
            ("2001:db8::1", false), ("2001::1", false), ("2002:a00:1::", false), ("64:ff9b::a00:1", false),
        ])
    func publicAddresses(text: String, isPublic: Bool) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.isPublic == isPublic)
        #expect(NetworkAddress(address.description) == address)
    }

    @Test("Ranges")
    func ranges() throws {
        let range = try #require(AddressRange("10.1.128.0/17"))
        #expect(range.contains(try #require(NetworkAddress("10.1.255.1"))))
        #expect(!range.contains(try #require(NetworkAddress("10.1.127.1"))))
        #expect(!range.contains(try #require(NetworkAddress("::1"))))
        #expect(AddressRange("10.0.0.0/33") == nil && AddressRange("x") == nil && AddressRange("1.2.3.4/") == nil)
        #expect(AddressRange("1.2.3.4")?.prefixLength == 32)
    }
}
