/// Count, mean and spread of a quantity, in one pass (Welford 1962), mergeable (Chan, Golub & LeVeque 1979).
package struct Moments: Codable, Equatable, Sendable {
    package private(set) var count = 0
    package private(set) var mean = 0.0
    /// Σ (x − mean)².
    package private(set) var squares = 0.0

    package init() {}

    package init(_ values: some Sequence<Double>) {
        for value in values { add(value) }
    }

    /// Takes one value in.
    package mutating func add(_ value: Double) {
        count += 1
        let before = value - mean
        mean += before / Double(count)
        squares += before * (value - mean)
    }

    /// As if the other's values had been added here, up to rounding.
    package mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        let total = Double(count + other.count)
        let gap = other.mean - mean
        squares += other.squares + gap * gap * Double(count) * Double(other.count) / total
        mean += gap * Double(other.count) / total
        count += other.count
    }

    /// Unbiased variance; nil below two values.
    package var variance: Double? { count >= 2 ? squares / Double(count - 1) : nil }

    /// Standard error of the mean of independent values; nil below two.
    package var standardError: Double? { variance.map { ($0 / Double(count)).squareRoot() } }
}
