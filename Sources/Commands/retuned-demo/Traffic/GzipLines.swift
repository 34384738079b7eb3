internal import CZlib
import Glibc

/// Lines of a file that may be gzip.
enum GzipLines {
    static func read(_ path: String) throws -> [[UInt8]] {
        var error: Int32 = 0
        guard let file = unsafe zlib_file_open(path, &error) else {
            throw DemoFailure("\(path) cannot be opened: \(unsafe String(cString: strerror(error)))")
        }
        defer { unsafe zlib_file_close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe zlib_file_read(file, &buffer, buffer.count)
            if count == 0 { break }
            guard count > 0 else { throw DemoFailure("\(path) is damaged") }
            bytes += buffer[..<Int(count)]
        }
        return bytes.split(separator: 10).map(Array.init)
    }
}
