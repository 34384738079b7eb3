import DurableFiles
import FoundationEssentials
import Glibc

/// Reads a file in pieces of a megabyte, so that hashing a large checkpoint needs no memory.
final class FileReader {
    private let descriptor: Int32
    private let path: String

    init?(path: String) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The next piece; nil at the end.
    func next() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CheckpointFault(description: "cannot read \(path): error \(errno)") }
            return count == 0 ? nil : Array(buffer.prefix(count))
        }
    }
}
