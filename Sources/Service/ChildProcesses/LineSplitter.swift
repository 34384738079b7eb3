/// Cuts a stream of bytes into lines; a line longer than the maximum is cut there, so that a child cannot make its
/// parent hold more.
struct LineSplitter {
    static let maximumLineBytes = 16 * 1024

    private var pending: [UInt8] = []

    mutating func append(_ bytes: [UInt8], line: (String) -> Void) {
        var start = 0
        for index in bytes.indices {
            let isBreak = bytes[index] == UInt8(ascii: "\n")
            guard isBreak || pending.count + index + 1 - start == Self.maximumLineBytes else { continue }
            pending += bytes[start..<(isBreak ? index : index + 1)]
            start = index + 1
            emit(line)
        }
        pending += bytes[start...]
    }

    /// The last line, where it has no break.
    mutating func finish(line: (String) -> Void) {
        if !pending.isEmpty { emit(line) }
    }

    private mutating func emit(_ line: (String) -> Void) {
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        line(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
