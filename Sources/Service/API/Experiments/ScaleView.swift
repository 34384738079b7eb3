/// How a rating's value becomes a score in [0, 1]: (value − worst) ÷ (best − worst), held within [0, 1]. The value of a
/// word is its place among `words`, from 0.
package struct ScaleView: Codable, Equatable, Sendable {
    package var worst: Double
    package var best: Double
    /// The words of a scale of labels, the worst first.
    package var words: [String]?

    package init(worst: Double, best: Double, words: [String]? = nil) {
        self.worst = worst
        self.best = best
        self.words = words
    }
}
