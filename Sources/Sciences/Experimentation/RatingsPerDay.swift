/// How many ratings of a person count on a day, as the deployment's own people rate: who rates far more often than nine of ten of
/// them is one person all the same, and where hardly anybody rates twice a day ten ratings a day would be a crowd.
package enum RatingsPerDay {
    /// Share of the days on which somebody rated, of which every rating would have counted.
    private static let share = 0.9
    package static let least = 2
    package static let most = 10

    /// - Parameter days: of the days on which somebody rated, how many brought so many ratings of theirs, by the number of ratings.
    /// - Returns: what nine of ten of these days do not exceed, from 2 to 10; 10 where nobody rated.
    package static func limit(_ days: [Int: Int]) -> Int {
        let needed = share * Double(days.values.reduce(0, +))
        guard needed > 0 else { return most }
        var seen = 0
        for ratings in days.keys.sorted() {
            seen += days[ratings] ?? 0
            if Double(seen) >= needed { return min(most, max(least, ratings)) }
        }
        return most
    }
}
