import CZlib
import Glibc

/// The lines of a file, gzip or plain, with their numbers; blank lines are left out.
@safe
final class RecordLines {
    struct Line {
        /// From 1.
        var number: Int
        var bytes: [UInt8]
    }

    /// A line beyond it is no record that the daemon would take.
    private static let maximumBytes = 64 << 20

    private let path: String
    private let file: OpaquePointer
    private var buffer: [UInt8] = []
    private var position = 0
    private var number = 0
    private var isAtEnd = false

    init(path: String) throws(ControlFailure) {
        var code: Int32 = 0
        guard let file = unsafe zlib_file_open(path, &code) else {
            throw ControlFailure(.badFile, unsafe "\(path) cannot be read: \(String(cString: strerror(code)))")
        }
        unsafe self.file = file
        self.path = path
    }

    deinit { unsafe zlib_file_close(file) }

    func next() throws(ControlFailure) -> Line? {
        while let bytes = try nextBytes() {
            number += 1
            if bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) {
                return Line(number: number, bytes: bytes)
            }
        }
        return nil
    }

    private func nextBytes() throws(ControlFailure) -> [UInt8]? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { position = end + 1 }
                return Array(buffer[position..<end])
            }
            if isAtEnd {
                guard position < buffer.count else { return nil }
                defer { position = buffer.count }
                return Array(buffer[position...])
            }
            buffer.removeSubrange(..<position)
            position = 0
            searched = buffer.count
            guard buffer.count <= Self.maximumBytes else {
                throw ControlFailure(.badFile, "\(path), line \(number + 1): longer than \(Self.maximumBytes) bytes")
            }
            try read()
        }
    }

    private func read() throws(ControlFailure) {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let count = unsafe zlib_file_read(file, &chunk, chunk.count)
        switch count {
        case 0: isAtEnd = true
        case 1...: buffer += chunk[..<Int(count)]
        case -1:
            throw ControlFailure(.badFile, "\(path): the gzip data is damaged or cut off after line \(number)")
        default: throw ControlFailure(.badFile, "\(path) cannot be read on after line \(number)")
        }
    }
}
