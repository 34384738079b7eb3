import Glibc
import Locking

/// A server for tests that can do everything a real one must not: answer garbage, hang, reset, send for ever.
///
/// It listens on 127.0.0.1 (a free port) or a Unix socket. Every connection has a thread of its own that runs the
/// handler and closes the connection after it.
package final class LoopbackServer: Sendable {
    package struct SystemError: Error { package var call: String, number: Int32 }

    package let port: UInt16
    private let listener: Int32
    private let state = Locked(State())

    private struct State {
        var threads: [pthread_t] = []
        var connections: [Connection] = []
        var isClosed = false
    }

    /// `backlog`: connections that the kernel completes before the handler takes them. With `accepting: false` none is
    /// ever taken.
    package init(
        unixSocketPath: String? = nil, backlog: Int32 = 128, accepting: Bool = true,
        handler: @escaping @Sendable (Connection) -> Void
    ) throws {
        let descriptor = socket(unixSocketPath == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", number: errno) }
        listener = descriptor
        if let unixSocketPath {
            try Self.bind(descriptor, path: unixSocketPath)
            port = 0
        } else {
            port = try Self.bindLoopback(descriptor)
        }
        guard listen(descriptor, backlog) == 0 else { throw SystemError(call: "listen", number: errno) }
        guard accepting else { return }
        let thread = Self.startThread { [self] in acceptLoop(handler) }
        state.withLock { $0.threads.append(thread) }
    }

    /// One answer for each request, connections kept.
    package convenience init(
        unixSocketPath: String? = nil, answering: @escaping @Sendable (Request) -> (status: Int, body: String)
    ) throws {
        try self.init(unixSocketPath: unixSocketPath) { connection in
            while let request = connection.readRequest() {
                let (status, body) = answering(request)
                guard connection.respond(status: status, body: Array(body.utf8)) else { return }
            }
        }
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    package var acceptedConnections: Int { state.withLock { $0.connections.count } }

    /// Ends all connections and waits for their threads. Call it, or the threads stay.
    package func close() {
        let connections = state.withLock { state in
            state.isClosed = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { connection.end() }
        while let thread = state.withLock({ $0.threads.popLast() }) { pthread_join(thread, nil) }
        Glibc.close(listener)
    }

    private func acceptLoop(_ handler: @escaping @Sendable (Connection) -> Void) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let connection = Connection(descriptor: descriptor)
            let goOn = state.withLock { state -> Bool in
                state.connections.append(connection)
                if state.isClosed { return false }
                state.threads.append(
                    Self.startThread {
                        handler(connection)
                        connection.close()
                    })
                return true
            }
            if !goOn { return connection.close() }
        }
    }

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                }
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        precondition(result == 0, "pthread_create failed with \(result)")
        return thread
    }

    private static func bindLoopback(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard bound else { throw SystemError(call: "bind", number: errno) }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func bind(_ descriptor: Int32, path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        let bound = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard bound else { throw SystemError(call: "bind", number: errno) }
    }
}
