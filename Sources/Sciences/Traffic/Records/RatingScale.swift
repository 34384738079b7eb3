/// A configured scale of ratings: what its values mean.
package struct RatingScale: Equatable, Sendable {
    /// Which values a scale takes; of two numbers the larger is the better.
    package enum Kind: Equatable, Sendable {
        /// 0 or 1.
        case thumb
        /// 1 to 5.
        case stars
        /// Any number of the closed range.
        case number(minimum: Double, maximum: Double)
        /// One of these words, worst first.
        case label([String])
    }

    package var name: String
    package var kind: Kind
    /// A value at or above it is good (for labels: the word's position).
    package var good: Double
    /// A value at or below it is bad.
    package var bad: Double

    package init(name: String, kind: Kind, good: Double, bad: Double) {
        self.name = name
        self.kind = kind
        self.good = good
        self.bad = bad
    }
}
