/// How many ratings, and requests, of a person count on a day, as the deployment's own people rate and ask: who does so far more
/// often than nine of ten of them is one person all the same, and where hardly anybody rates twice a day ten ratings a day would
/// be a crowd. By people, and not by their days, so that few who rate every day do not make it usual.
package enum DailyLimits {
    /// Share of the people of whom everything would have counted.
    private static let share = 0.9
    package static let ratings = 2...10
    package static let requests = 10...100

    /// - Parameters:
    ///   - people: how many came to so many on their busiest day, by that number.
    ///   - range: what it is held within.
    /// - Returns: what nine of ten do not exceed; the most where there is nobody.
    package static func limit(_ people: [Int: Int], within range: ClosedRange<Int>) -> Int {
        let needed = share * Double(people.values.reduce(0, +))
        guard needed > 0 else { return range.upperBound }
        var seen = 0
        for number in people.keys.sorted() {
            seen += people[number] ?? 0
            if Double(seen) >= needed { return min(range.upperBound, max(range.lowerBound, number)) }
        }
        return range.upperBound
    }
}
