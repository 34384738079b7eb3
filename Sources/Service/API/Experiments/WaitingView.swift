/// Ratings of newcomers that wait until it is known whether these came in a burst.
package struct WaitingView: Codable, Equatable, Sendable {
    /// Units with such ratings, and how many there are.
    package var rated: Int
    package var ratings: Int

    package init(rated: Int, ratings: Int) {
        self.rated = rated
        self.ratings = ratings
    }
}
