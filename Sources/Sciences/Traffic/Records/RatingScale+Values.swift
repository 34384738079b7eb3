extension RatingScale {
    /// Whether the scale has this value.
    package func accepts(_ value: Rating.Value) -> Bool {
        number(of: value) != nil
    }

    /// The value as a number: itself, or a word's position from 0; nil for a value that the scale does not take.
    package func number(of value: Rating.Value) -> Double? {
        switch (kind, value) {
        case (.thumb, .number(let number)): number == 0 || number == 1 ? number : nil
        case (.stars, .number(let number)): (1...5).contains(number) && number.rounded() == number ? number : nil
        case (.number(let minimum, let maximum), .number(let number)):
            number >= minimum && number <= maximum ? number : nil
        case (.label(let words), .label(let word)): words.firstIndex(of: word).map(Double.init)
        default: nil
        }
    }

    /// Whether the value is of the scale and at least `good`.
    package func isGood(_ value: Rating.Value) -> Bool { number(of: value).map { $0 >= good } ?? false }
    /// Whether the value is of the scale and at most `bad`.
    package func isBad(_ value: Rating.Value) -> Bool { number(of: value).map { $0 <= bad } ?? false }

    /// For messages: `0 or 1`.
    package var valuesInWords: String {
        switch kind {
        case .thumb: "0 or 1"
        case .stars: "a whole number from 1 to 5"
        case .number(let minimum, let maximum): "a number from \(minimum) to \(maximum)"
        case .label(let words): "one of the words \(words.joined(separator: ", "))"
        }
    }
}
