/// The outcome that an experiment is decided on, as it was when it began: the scale's name, and what its values mean.
package struct GoalScale: Codable, Equatable, Sendable {
    package var name: String
    /// The values that score 0 and 1; of words, their places.
    package var worst: Double
    package var best: Double
    /// Of a scale of labels, the worst first; nil: its values are numbers.
    package var words: [String]?

    package init(name: String, worst: Double, best: Double, words: [String]? = nil) {
        self.name = name
        self.worst = worst
        self.best = best
        self.words = words
    }

    /// (value − worst) ÷ (best − worst), held within [0, 1]; nil where it is none of the scale's.
    package func score(of number: Double) -> Double? {
        guard words == nil, number.isFinite else { return nil }
        return min(1, max(0, (number - worst) / (best - worst)))
    }

    /// Likewise of a word, whose value is its place among `words`, from 0.
    package func score(of word: String) -> Double? {
        guard let place = words?.firstIndex(of: word) else { return nil }
        return min(1, max(0, (Double(place) - worst) / (best - worst)))
    }
}
