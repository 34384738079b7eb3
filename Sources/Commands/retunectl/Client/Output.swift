import Glibc

/// Standard output and standard error, unbuffered.
enum Output {
    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Bytes as they are, with a line's end after them.
    static func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        put(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    static func complain(_ text: String, named: Bool = true) {
        put(Array(((named ? "retunectl: " : "") + text + "\n").utf8), to: STDERR_FILENO)
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func put(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
