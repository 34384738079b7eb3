/// How many newcomers may come to rate within six hours before these are a burst, by the hour of the day in which they end.
///
/// An hour is a 24th of the design's day, and the hours of the day are counted from the start of the experiment: nights are
/// held against nights. With M the most who came in the six hours that end in that hour of the day, on any day of the week
/// before, the limit is max(20, 1.1 M + 3 √M) rounded down: a tenth above what was the most, and what chance adds to it.
package struct BurstLimits: Codable, Equatable, Sendable {
    /// 24 numbers; the first is for the hour that begins with the experiment.
    package let hourly: [Int]

    package static let hoursOfDay = 24
    /// Hours whose newcomers are counted together.
    package static let span = 6
    /// Hours before the start whose newcomers tell what is usual: those of a week, each with the five before it.
    package static let hoursBefore = 7 * hoursOfDay + span - 1
    /// So many are no burst anywhere.
    package static let least = 20
    /// How much more than the most of the week before is no burst, as a ratio, and in standard errors of a count.
    package static let growth = 1.1
    package static let errors = 3.0

    /// - Parameter hourly: 24 numbers, 0 or more.
    package init(hourly: [Int]) {
        precondition(hourly.count == Self.hoursOfDay, "a limit for each hour of the day")
        self.hourly = hourly
    }

    /// - Parameter arrivals: newcomers by the hour in which they first rated, `hoursBefore` of them, the last of which ends
    ///   with the start of the experiment.
    package init(arrivals: [Int]) {
        precondition(arrivals.count == Self.hoursBefore, "a week and the hours before it")
        var most = [Int](repeating: 0, count: Self.hoursOfDay)
        for end in (Self.span - 1)..<arrivals.count {
            let hour = (end - (Self.span - 1)) % Self.hoursOfDay
            most[hour] = max(most[hour], arrivals[(end - Self.span + 1)...end].reduce(0, +))
        }
        hourly = most.map { most in
            max(Self.least, Int(Self.growth * Double(most) + Self.errors * Double(most).squareRoot()))
        }
    }

    /// Of the six hours that end with an hour.
    ///
    /// - Parameter hour: since the start, from 0.
    package func limit(endingIn hour: Int) -> Int { hourly[hour % Self.hoursOfDay] }

    /// The same limits where the day is counted from so many hours later.
    package func later(byHours hours: Int) -> BurstLimits {
        let count = Self.hoursOfDay
        return BurstLimits(hourly: (0..<count).map { hourly[(($0 + hours) % count + count) % count] })
    }
}
