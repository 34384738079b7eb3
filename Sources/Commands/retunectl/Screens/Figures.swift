package import Values

/// Numbers and times as people read them.
package enum Figures {
    /// `12,000`.
    package static func grouped(_ number: Int) -> String {
        var digits = Substring(String(number.magnitude))
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// `1 record`, `12,000 records`.
    package static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// With so many decimals; `signed`: with a plus where it is not negative.
    package static func fixed(_ value: Double, _ decimals: Int = 3, signed: Bool = false) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        var power = 1
        for _ in 0..<decimals { power *= 10 }
        let scaled = Int((value.magnitude * Double(power)).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : signed ? "+" : ""
        let fraction = String(scaled % power)
        let padded = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
        return sign + String(scaled / power) + (decimals > 0 ? "." + padded : "")
    }

    /// Without needless decimals: `0.5`, `12`, `1.25`.
    package static func short(_ value: Double) -> String {
        var text = fixed(value, 3)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    package static func interval(_ ends: [Double]?, signed: Bool = false) -> String {
        guard let ends, ends.count == 2 else { return "–" }
        return "\(fixed(ends[0], signed: signed)) to \(fixed(ends[1], signed: signed))"
    }

    /// `2026-05-01 09:30:00`, in UTC.
    package static func time(_ time: Timestamp) -> String {
        let text = time.description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }
}
