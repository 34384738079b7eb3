import Locking
package import Values

/// The value of the `Date` field (RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`), made once a second.
package final class DateField: Sendable {
    private let now: @Sendable () -> Timestamp
    private let cache = Locked<(second: Int64, text: String)>((Int64.min, ""))

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    package var value: String {
        let milliseconds = now().milliseconds
        let second = (milliseconds - (milliseconds % 1000 + 1000) % 1000) / 1000
        return cache.withLock { cache in
            if cache.second != second { cache = (second, Self.text(second: second)) }
            return cache.text
        }
    }

    /// - Parameter second: since 1970-01-01T00:00:00Z.
    package static func text(second: Int64) -> String {
        let secondOfDay = Int((second % 86_400 + 86_400) % 86_400)
        let day = (second - Int64(secondOfDay)) / 86_400
        // Days to civil date by eras of 400 years that begin on 1 March: Howard Hinnant, "chrono-Compatible Low-Level
        // Date Algorithms", civil_from_days.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        // 1970-01-01 was a Thursday.
        let weekday = Int((day % 7 + 7 + 4) % 7)
        return "\(weekdays[weekday]), \(two(dayOfMonth)) \(months[month - 1]) \(year) "
            + "\(two(secondOfDay / 3600)):\(two(secondOfDay / 60 % 60)):\(two(secondOfDay % 60)) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
