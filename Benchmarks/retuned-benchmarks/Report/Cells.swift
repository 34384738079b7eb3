import Statistics

/// Figures as a table shows them.
enum Cells {
    static func percent(_ share: Double, digits: Int = 1) -> String {
        let factor = [1.0, 10, 100][digits]
        return "\((share * 100 * factor).rounded() / factor) %"
    }

    /// A share with the exact 95 % interval of its count.
    static func share(_ count: Int, of runs: Int) -> String {
        let lower = BinomialBounds.lower(successes: count, trials: runs, confidence: 0.975)
        let upper = BinomialBounds.upper(successes: count, trials: runs, confidence: 0.975)
        return
            "\(percent(Double(count) / Double(runs), digits: 2)) (\(percent(lower, digits: 2)) to \(percent(upper, digits: 2)))"
    }

    static func number(_ value: Double, digits: Int = 2) -> String {
        let factor = [1.0, 10, 100, 1000, 10_000][digits]
        return "\((value * factor).rounded() / factor)"
    }

    /// The middle of counts of which some never came (nil): nil where at least half did not.
    static func median(_ values: [Int?]) -> Int? {
        let sorted = values.map { $0 ?? .max }.sorted()
        let middle = sorted[sorted.count / 2]
        return middle == .max ? nil : middle
    }
}
