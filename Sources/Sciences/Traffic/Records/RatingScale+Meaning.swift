extension RatingScale {
    /// Position of a value on the scale; nil where it is none of the scale's.
    package func position(of value: Rating.Value) -> Double? {
        switch (kind, value) {
        case (.label(let words), .label(let word)): words.firstIndex(of: word).map(Double.init)
        case (.label, .number), (_, .label): nil
        case (_, .number(let number)): number.isFinite ? number : nil
        }
    }

    package func isGood(_ value: Rating.Value) -> Bool { position(of: value).map { $0 >= good } ?? false }

    package func isBad(_ value: Rating.Value) -> Bool { position(of: value).map { $0 <= bad } ?? false }

    /// The value in [0, 1], worst to best; nil where it is none of the scale's.
    package func score(of value: Rating.Value) -> Double? {
        guard let position = position(of: value) else { return nil }
        let range: (Double, Double) =
            switch kind {
            case .thumb: (0, 1)
            case .stars: (1, 5)
            case .number(let minimum, let maximum): (minimum, maximum)
            case .label(let words): (0, Double(max(words.count - 1, 1)))
            }
        return min(1, max(0, (position - range.0) / (range.1 - range.0)))
    }
}
