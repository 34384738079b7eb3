/// Ends an answer at the first of its stop strings, and holds back what may become one.
struct StopFilter {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }
    }

    /// The text that may be given now. `isStopped`: a stop string came, the text before it is the answer's last.
    mutating func next(_ text: String) -> (text: String, isStopped: Bool) {
        guard !stops.isEmpty else { return (text, false) }
        held += text.utf8
        var first: Int?
        for stop in stops {
            guard let position = held.firstRange(of: stop)?.lowerBound else { continue }
            first = min(first ?? position, position)
        }
        if let first {
            defer { held = [] }
            return (String(decoding: held[..<first], as: UTF8.self), true)
        }
        // A stop string begins with the first byte of a character, so characters are not cut.
        let longest = stops.map { min($0.count - 1, held.count) }.max() ?? 0
        var kept = 0
        for count in stride(from: longest, to: 0, by: -1)
        where stops.contains(where: { $0.count > count && $0.starts(with: held.suffix(count)) }) {
            kept = count
            break
        }
        defer { held.removeFirst(held.count - kept) }
        return (String(decoding: held.dropLast(kept), as: UTF8.self), false)
    }

    /// What was held back, when the answer ends otherwise.
    mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}
