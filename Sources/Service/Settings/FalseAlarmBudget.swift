import Values

/// A budget of false alarms: so many in so much time, at the deployment's own traffic.
package struct FalseAlarmBudget: Equatable, Sendable {
    package var alarms: Double
    package var period: Duration

    package init(alarms: Double, period: Duration) {
        self.alarms = alarms
        self.period = period
    }
}

extension FalseAlarmBudget {
    /// Reads `1 per 30d`.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "per", let alarms = Double(words[0]), alarms > 0,
            let period = DurationText.parse(String(words[2])), period > .zero
        else { return nil }
        self.init(alarms: alarms, period: period)
    }
}
