import CLinux
import Dispatch
import Glibc

/// An HTTP client of sockets and bytes, which can misbehave as real ones do. Its calls block: use it in `blocking`.
final class RawClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Answer: Sendable {
        var status: Int
        var fields: [(name: String, value: String)]
        var body: [UInt8]

        subscript(name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let descriptor: Int32

    /// A receive buffer of `receiveBytes` at most, set before connecting so that the window is small as well.
    init(port: Int, from local: String? = nil, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBytes {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        if let local { _ = unsafe Self.withAddress(local, 0) { unsafe bind(descriptor, $0, $1) } }
        let result = unsafe Self.withAddress("127.0.0.1", port) { unsafe connect(descriptor, $0, $1) }
        guard result == 0 else {
            // The descriptor is closed by deinit, which runs: a second close could hit another test's connection.
            throw Failure(description: "connect: \(errno)")
        }
        limitWaiting()
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        let result = unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect \(path): \(errno)") }
        limitWaiting()
    }

    deinit { close(descriptor) }

    private static func withAddress(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(UInt16(port).bigEndian)
        unsafe inet_pton(AF_INET, host, &name.sin_addr)
        return unsafe withUnsafePointer(to: name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// A test that would hang fails instead.
    private func limitWaiting() {
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(errno)") }
            sent += count
        }
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Some bytes; empty at the end of the stream or when the connection was reset.
    func receive(_ most: Int = 65_536) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = unsafe recv(descriptor, &bytes, most, 0)
        if count < 0 {
            guard errno == ECONNRESET else { throw Failure(description: "receive: \(errno)") }
            return []
        }
        return Array(bytes[..<count])
    }

    /// Everything up to the end of the stream.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let some = try receive()
            if some.isEmpty { return all }
            all += some
        }
    }

    /// One answer, read byte-exactly so that a following one is left alone. `nil` at the end of the stream.
    func answer(hasBody: Bool = true) throws -> Answer? {
        guard let head = try line() else { return nil }
        let words = head.split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { throw Failure(description: "no status: \(head)") }
        var answer = Answer(status: status, fields: [], body: [])
        while let line = try line(), !line.isEmpty {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            answer.fields.append(
                (line[..<colon].lowercased(), String(line[colon...].dropFirst().drop { $0 == " " })))
        }
        guard hasBody, status >= 200, status != 204 else { return answer }
        if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.body = try exactly(length)
        } else if answer["transfer-encoding"] == "chunked" {
            while let size = try line().flatMap({ Int($0, radix: 16) }) {
                answer.body += try exactly(size)
                _ = try line()
                if size == 0 { return answer }
            }
            throw Failure(description: "cut within a chunked body")
        } else {
            answer.body = try receiveAll()
        }
        return answer
    }

    func line() throws -> String? {
        var bytes: [UInt8] = []
        while true {
            let byte = try receive(1)
            if byte.isEmpty { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte[0] == 10 {
                if bytes.last == 13 { bytes.removeLast() }
                return String(decoding: bytes, as: UTF8.self)
            }
            bytes += byte
        }
    }

    private func exactly(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let some = try receive(count - bytes.count)
            guard !some.isEmpty else { throw Failure(description: "cut within a body") }
            bytes += some
        }
        return bytes
    }

    /// Sends a request without body and reads the answer.
    func get(_ path: String, method: String = "GET", fields: String = "") throws -> Answer? {
        try send("\(method) \(path) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n")
        return try answer(hasBody: method != "HEAD")
    }

    func post(_ path: String, _ body: [UInt8], fields: String = "") throws -> Answer? {
        try send(
            Array("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.count)\r\n\(fields)\r\n".utf8) + body)
        return try answer()
    }
}

/// Runs blocking code on a thread of its own: the cooperative pool has few, and the listener under test needs them.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}
