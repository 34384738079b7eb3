/// Durations as people write them: `250ms`, `90s`, `30m`, `6h`, `1d`, `2w`, and sums of them from the longest unit to
/// the shortest, `1h30m`.
package enum DurationText {
    /// Units from the longest to the shortest, in milliseconds.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Nil where the text is no such duration, or longer than about 292 million years.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var total: Int64 = 0
        var previous = -1
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[letters.endIndex...]
            guard let count = Int64(digits), let unit = units.firstIndex(where: { $0.name == letters }),
                unit > previous
            else { return nil }
            let (product, tooLong) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, overflows) = total.addingReportingOverflow(product)
            guard !tooLong, !overflows else { return nil }
            total = sum
            previous = unit
        }
        return .milliseconds(total)
    }

    /// The duration in the longest unit up to days that leaves no remainder; what is under a millisecond is dropped.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        let unit = units.dropFirst().first { milliseconds % $0.milliseconds == 0 }
        guard let unit else { return "\(milliseconds)ms" }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

extension Duration {
    /// Length in seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
