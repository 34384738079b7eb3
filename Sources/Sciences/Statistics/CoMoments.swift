/// Joint moments of two quantities in one pass, mergeable; as `Moments`.
package struct CoMoments: Codable, Equatable, Sendable {
    package private(set) var x = Moments()
    package private(set) var y = Moments()
    /// Σ (x − mean x)(y − mean y).
    package private(set) var products = 0.0

    package init() {}

    package var count: Int { x.count }

    /// Takes one pair in.
    package mutating func add(_ newX: Double, _ newY: Double) {
        let before = newX - x.mean
        x.add(newX)
        y.add(newY)
        products += before * (newY - y.mean)
    }

    /// As if the other's pairs had been added here, up to rounding.
    package mutating func merge(_ other: CoMoments) {
        guard other.count > 0 else { return }
        let total = Double(count + other.count)
        products +=
            other.products
            + (other.x.mean - x.mean) * (other.y.mean - y.mean) * Double(count) * Double(other.count) / total
        x.merge(other.x)
        y.merge(other.y)
    }

    /// Unbiased covariance; nil below two pairs.
    package var covariance: Double? { count >= 2 ? products / Double(count - 1) : nil }

    /// Pearson's correlation; nil where either does not vary.
    package var correlation: Double? {
        x.squares > 0 && y.squares > 0 ? products / (x.squares * y.squares).squareRoot() : nil
    }
}
