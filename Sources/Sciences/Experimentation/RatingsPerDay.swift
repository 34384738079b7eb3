/// How many ratings of a person count on a day, as the deployment's own people rate: who rates far more often than nine of ten of
/// them is one person all the same, and where hardly anybody rates twice a day ten ratings a day would be a crowd. By people, and
/// not by their days, so that few who rate every day do not make it usual.
package enum RatingsPerDay {
    /// Share of the people of whom every rating would have counted.
    private static let share = 0.9
    package static let least = 2
    package static let most = 10

    /// - Parameter people: how many came to so many ratings on their busiest day, by that number.
    /// - Returns: what nine of ten do not exceed, from 2 to 10; 10 where nobody rated.
    package static func limit(_ people: [Int: Int]) -> Int {
        let needed = share * Double(people.values.reduce(0, +))
        guard needed > 0 else { return most }
        var seen = 0
        for ratings in people.keys.sorted() {
            seen += people[ratings] ?? 0
            if Double(seen) >= needed { return min(most, max(least, ratings)) }
        }
        return most
    }
}
