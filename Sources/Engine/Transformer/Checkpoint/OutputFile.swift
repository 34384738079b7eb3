import Glibc

/// A file that is written from beginning to end and synced.
package final class OutputFile {
    private let path: String
    private var descriptor: Int32

    package init(path: String) throws(CheckpointError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure("cannot be created") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    private func failure(_ what: String) -> CheckpointError {
        let number = errno
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return CheckpointError(file: path, reason: "\(what): \(reason)")
    }

    package func write(_ bytes: [UInt8]) throws(CheckpointError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { memory in
                unsafe Glibc.write(descriptor, memory.baseAddress.map { unsafe $0 + done }, memory.count - done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw failure("cannot be written") }
            done += count
        }
    }

    /// Syncs and closes.
    package func finish() throws(CheckpointError) {
        guard fsync(descriptor) == 0 else { throw failure("cannot be synced") }
        let status = close(descriptor)
        descriptor = -1
        if status != 0 { throw failure("cannot be closed") }
    }

    /// Writes a whole file and syncs it.
    package static func write(_ bytes: [UInt8], path: String) throws(CheckpointError) {
        let file = try OutputFile(path: path)
        try file.write(bytes)
        try file.finish()
    }
}
