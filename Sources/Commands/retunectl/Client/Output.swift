import Glibc

/// Standard output and standard error, unbuffered.
enum Output {
    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Bytes as they are, with a line's end after them. Where they cannot be written, a full disk say, the command ends there
    /// and says so: what was redirected to a file is not whole.
    static func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let line = bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")]
        guard let problem = put(line, to: STDOUT_FILENO) else { return }
        complain("standard output: \(unsafe String(cString: strerror(problem)))")
        exit(ControlExit.badFile.rawValue)
    }

    static func complain(_ text: String, named: Bool = true) {
        _ = put(Array(((named ? "retunectl: " : "") + text + "\n").utf8), to: STDERR_FILENO)
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// - Returns: the error's number where not all could be written.
    private static func put(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}
