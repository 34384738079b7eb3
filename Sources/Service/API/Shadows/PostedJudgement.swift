/// What a judge says of a pair: which answer is better, or a score of each. Of the same judge and pair the latest counts.
package struct PostedJudgement: Codable, Equatable, Sendable {
    /// Which answer is better, as the pair shows them.
    package enum Preferred: String, Codable, CaseIterable, Equatable, Sendable { case first, second, same }

    package var pair: Int
    package var judge: String
    /// Either this, or both scores.
    package var preferred: Preferred?
    /// Scores in [0, 1], the best 1.
    package var first: Double?
    package var second: Double?

    package init(
        pair: Int, judge: String, preferred: Preferred? = nil, first: Double? = nil, second: Double? = nil
    ) {
        self.pair = pair
        self.judge = judge
        self.preferred = preferred
        self.first = first
        self.second = second
    }
}
