import Glibc
import HTTPListener
import Hummingbird
import Testing

@Suite("Listener: sockets")
struct ListenerSocketTests {
    private func mode(of path: String) -> mode_t? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return status.st_mode & 0o7777
    }

    @Test("A Unix socket has its mode, tells who is there, and goes at shutdown", arguments: [0o600, 0o666, 0o660])
    func unix(fileMode: UInt16) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/socket"
        try await ListenerUnderTest.run(at: [.unix(path: path, mode: fileMode)]) { listener in
            #expect(listener.addresses == [.unix(path: path)])
            #expect(mode(of: path) == mode_t(fileMode))
            let answer = try await blocking { try RawClient(path: path).get("/peer") }
            #expect(answer?.text == "unix:process=\(getpid()),user=\(getuid()),group=\(getgid())")
        }
        #expect(mode(of: path) == nil)
    }

    @Test("A stale socket file is replaced; a live socket and another file are left alone")
    func stale() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/socket"
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        let bound = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(stale)
        let hello: @Sendable () throws -> Int? = { try RawClient(path: path).get("/hello")?.status }
        try await ListenerUnderTest.run(at: [.unix(path: path, mode: 0o600)]) { listener in
            let before = try await blocking(hello)
            #expect(before == 200)
            await #expect(throws: ListenerError.self) {
                try await ListenerUnderTest.run(at: [.unix(path: path, mode: 0o600)]) { _ in }
            }
            // The failed attempt has not taken the live one's file.
            let after = try await blocking(hello)
            #expect(after == 200)
        }
        let other = folder.path + "/other"
        let file = unsafe open(other, O_CREAT | O_WRONLY, 0o600)
        close(file)
        await #expect(throws: ListenerError.self) {
            try await ListenerUnderTest.run(at: [.unix(path: other, mode: 0o600)]) { _ in }
        }
        #expect(mode(of: other) == 0o600)
    }

    @Test("An address in use, a bad host, a long path, no address are errors that say so")
    func errors() async throws {
        try await ListenerUnderTest.run { listener in
            for address in [
                ListenAddress.tcp(host: "127.0.0.1", port: listener.port), .tcp(host: "no.such.host.invalid", port: 0),
                .tcp(host: "127.0.0.1", port: 70_000),
                .unix(path: "/tmp/" + String(repeating: "a", count: 120), mode: 0o600), .inherited(descriptor: 0),
            ] {
                let error = await #expect(throws: ListenerError.self) {
                    try await ListenerUnderTest.run(at: [.tcp(host: "127.0.0.1", port: 0), address]) { _ in }
                }
                #expect("\(error as Any)".contains(address.description))
            }
        }
        await #expect(throws: ListenerError.self) { try await ListenerUnderTest.run(at: []) { _ in } }
    }

    @Test("An inherited socket is served beside others")
    func inherited() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        unsafe inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
        let bound = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(bound == 0)
        #expect(listen(descriptor, 16) == 0)
        // The service manager keeps its own descriptor of the same socket.
        let inherited = dup(descriptor)
        defer { close(descriptor) }
        let addresses: [ListenAddress] = [.inherited(descriptor: inherited), .tcp(host: "127.0.0.1", port: 0)]
        let port = try await ListenerUnderTest.run(at: addresses) { listener in
            for address in listener.addresses {
                let port = try #require(address.port)
                #expect(try await blocking { try RawClient(port: port).get("/hello")?.text } == "hello")
            }
            return listener.port
        }
        // After the listener has gone, the kernel still takes connections for its successor.
        _ = try await blocking { try RawClient(port: port) }
    }

    @Test("What a service manager announces is read, checked, or not for us")
    func announced() throws {
        #expect(try InheritedSocket.announced(in: [:], process: 7).isEmpty)
        #expect(try InheritedSocket.announced(in: ["LISTEN_PID": "8", "LISTEN_FDS": "1"], process: 7).isEmpty)
        #expect(try InheritedSocket.announced(in: ["LISTEN_PID": "7", "LISTEN_FDS": "0"], process: 7).isEmpty)
        for environment in [
            ["LISTEN_PID": "x", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "x"],
            ["LISTEN_PID": "7", "LISTEN_FDS": "-1"],
            ["LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a:b"],
            // Descriptor 1002 is not open.
            ["LISTEN_PID": "7", "LISTEN_FDS": "1000"],
        ] {
            #expect(throws: ListenerError.self) { try InheritedSocket.announced(in: environment, process: 7) }
        }
    }
}
