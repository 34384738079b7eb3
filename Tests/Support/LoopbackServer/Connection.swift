import Glibc
import Locking

/// One accepted connection. Reads and writes block; only its handler's thread makes them.
package final class Connection: Sendable {
    private let descriptor: Locked<Int32>
    private let buffer = Locked<[UInt8]>([])

    init(descriptor: Int32) {
        self.descriptor = Locked(descriptor)
    }

    /// The next request with its whole body (`Content-Length` only), or nil when the client has gone.
    package func readRequest() -> Request? {
        var bytes = buffer.withLock { $0 }
        var end = Self.headEnd(bytes)
        while end == nil {
            guard let more = read() else { return nil }
            bytes += more
            end = Self.headEnd(bytes)
        }
        guard let end else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let first = lines[0].split(separator: " ")
        var request = Request(method: String(first[0]), target: String(first[1]), headers: [], body: [])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            request.headers.append((String(parts[0]), String(parts[1].drop { $0 == " " })))
        }
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        bytes.removeSubrange(..<(end + 4))
        while bytes.count < length {
            guard let more = read() else { return nil }
            bytes += more
        }
        request.body = Array(bytes[..<length])
        let rest = Array(bytes[length...])
        buffer.withLock { $0 = rest }
        return request
    }

    /// Writes all bytes; false when the client has gone or, after `setWriteDeadline`, takes nothing any more.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool { writeSome(bytes) == bytes.count }

    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes what the client takes and returns how much that was.
    package func writeSome(_ bytes: [UInt8]) -> Int {
        let socket = descriptor.withLock { $0 }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe send(socket, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return sent }
            sent += count
        }
        return sent
    }

    @discardableResult
    package func respond(status: Int, headers: [String: String] = [:], body: [UInt8] = []) -> Bool {
        var head = "HTTP/1.1 \(status) Status\r\ncontent-length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return write(Array((head + "\r\n").utf8) + body)
    }

    /// Blocks until the client closes.
    package func waitForClose() {
        while read() != nil {}
    }

    /// Seconds after which a blocked write gives up.
    package func setWriteDeadline(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor.withLock { $0 }, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Closes with a TCP reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor.withLock { $0 }, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    /// Ends it from another thread.
    func end() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func read() -> [UInt8]? {
        let socket = descriptor.withLock { $0 }
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe recv(socket, &bytes, bytes.count, 0)
            if count < 0 && errno == EINTR { continue }
            return count <= 0 ? nil : Array(bytes[..<count])
        }
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
            return index
        }
        return nil
    }
}
