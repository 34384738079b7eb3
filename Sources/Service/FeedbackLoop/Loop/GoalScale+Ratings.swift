package import Experimentation
package import Traffic

extension GoalScale {
    /// A configured scale as an experiment keeps it.
    package init(_ scale: RatingScale) {
        var words: [String]?
        if case .label(let labels) = scale.kind { words = labels }
        self.init(name: scale.name, worst: scale.range.worst, best: scale.range.best, words: words)
    }

    /// In [0, 1], worst to best; nil where it is none of the scale's.
    func score(of value: Rating.Value) -> Double? {
        switch value {
        case .number(let number): score(of: number)
        case .label(let word): score(of: word)
        }
    }
}
