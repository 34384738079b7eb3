package import Values

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date in the IMF form (`Sun, 06 Nov 1994 08:49:37 GMT`).
package enum RetryAfter {
    /// Seconds to wait from `now`, not negative; nil where the value is neither.
    package static func seconds(_ value: String, now: Timestamp) -> Double? {
        if !value.isEmpty, value.utf8.count <= 10, value.utf8.allSatisfy({ (48...57).contains($0) }) {
            return Double(value)
        }
        let parts = value.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, parts[3].count == 4, parts[4].count == 8,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z").map { max(0, $0.seconds(since: now)) }
    }
}
