import Values

/// How often something may be wrong: so many times in so much time.
package struct ErrorBudget: Equatable, Sendable {
    package var count: Double
    package var period: Duration

    package init(count: Double, period: Duration) {
        self.count = count
        self.period = period
    }
}

extension ErrorBudget {
    /// Reads `1 per 30d`.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "per", let count = Double(words[0]), count > 0, count.isFinite,
            let period = DurationText.parse(String(words[2])), period > .zero
        else { return nil }
        self.init(count: count, period: period)
    }
}
