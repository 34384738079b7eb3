extension RatingScale {
    /// The value in [0, 1], worst to best; nil where it is none of the scale's.
    package func score(of value: Rating.Value) -> Double? {
        guard let number = number(of: value), number.isFinite else { return nil }
        let (worst, best) = range
        return min(1, max(0, (number - worst) / (best - worst)))
    }

    /// The values that score 0 and 1; of words, their places.
    package var range: (worst: Double, best: Double) {
        switch kind {
        case .thumb: (0, 1)
        case .stars: (1, 5)
        case .number(let minimum, let maximum): (minimum, maximum)
        case .label(let words): (0, Double(max(words.count - 1, 1)))
        }
    }
}
