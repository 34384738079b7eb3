/// What one unit's counting ratings add up to.
package struct UnitTotals: Equatable, Sendable {
    package private(set) var ratings = 0
    package private(set) var sum = 0.0
    package private(set) var squares = 0.0

    package init() {}

    package init(ratings: Int, sum: Double, squares: Double) {
        self.ratings = ratings
        self.sum = sum
        self.squares = squares
    }

    /// Adds a rating with its score, or any other value of the unit.
    package mutating func add(_ score: Double) {
        ratings += 1
        sum += score
        squares += score * score
    }

    /// A rating that was added counts with another score from here on.
    package mutating func exchange(_ old: Double, for new: Double) {
        sum += new - old
        squares += new * new - old * old
    }
}
