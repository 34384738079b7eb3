import Locking

/// Ids of answers, unique over restarts: a random word of the process and a running number.
final class AnswerIdentifiers: Sendable {
    private let process = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    private let count = Locked(0)

    func next() -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return "chatcmpl-\(process)-\(number)"
    }
}
