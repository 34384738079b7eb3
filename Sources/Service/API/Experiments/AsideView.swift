/// Ratings of newcomers, all of them or those who came in a burst, which are shown and not decided on.
package struct AsideView: Codable, Equatable, Sendable {
    /// Units with such ratings, how many there are, and their mean.
    package var rated: Int
    package var ratings: Int
    package var mean: Double
    /// `newcomer`: the unit or the rater was not there when it began; `burst`: and came to rate with unusually many others.
    package var why: String?

    package init(rated: Int, ratings: Int, mean: Double, why: String? = nil) {
        self.rated = rated
        self.ratings = ratings
        self.mean = mean
        self.why = why
    }
}
