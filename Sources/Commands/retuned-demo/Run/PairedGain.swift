import Glibc
import Values

/// A share of right answers, from a text of ones and noughts.
struct Share: Sendable {
    var right: Int
    var of: Int

    init(_ answers: JSONValue?) {
        let text = answers?.stringValue ?? ""
        right = text.utf8.count { $0 == UInt8(ascii: "1") }
        of = text.utf8.count
    }

    static let note = "± is half the width of a 95 % interval"

    var text: String {
        guard of > 0 else { return "–" }
        let share = Double(right) / Double(of)
        let half = 1.96 * (share * (1 - share) / Double(of)).squareRoot()
        return "\(Figures.percent(share)) ± \(Figures.number(half * 100, 1)) (\(of))"
    }
}

/// Difference of two models' right answers to the same messages, with a 95 % interval that pairs them.
struct PairedGain: Sendable {
    var estimate: Double
    var half: Double

    init?(_ before: String?, _ after: String?) {
        guard let before, let after, !before.isEmpty, before.utf8.count == after.utf8.count else { return nil }
        let count = Double(before.utf8.count)
        let (won, lost) = zip(before.utf8, after.utf8).reduce(into: (0.0, 0.0)) { sums, pair in
            if pair.0 < pair.1 { sums.0 += 1 } else if pair.0 > pair.1 { sums.1 += 1 }
        }
        estimate = (won - lost) / count
        half = 1.96 * max(0, (won + lost) / count - estimate * estimate).squareRoot() / count.squareRoot()
    }

    var text: String {
        "\(Figures.points(estimate)) points (\(Figures.points(estimate - half)) to \(Figures.points(estimate + half)))"
    }
}
