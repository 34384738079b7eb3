/// Ratings of newcomers, which are shown and not decided on.
package struct AsideView: Codable, Equatable, Sendable {
    /// Units with such ratings, how many there are, and their mean.
    package var rated: Int
    package var ratings: Int
    package var mean: Double

    package init(rated: Int, ratings: Int, mean: Double) {
        self.rated = rated
        self.ratings = ratings
        self.mean = mean
    }
}
