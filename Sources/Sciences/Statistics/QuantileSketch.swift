import RealModule

/// Quantiles of a stream of values at least 0 in bounded memory: counts on a logarithmic grid (DDSketch, Masson, Rim &
/// Lee 2019, 1908.10693). Every quantile is within 1 % of a value of that rank, and two sketches merge exactly.
package struct QuantileSketch: Codable, Equatable, Sendable {
    /// Ratio of neighbouring edges, (1 + 0.01) ÷ (1 − 0.01).
    private static let growth = 1.01 / 0.99
    /// Values below it count as 0, values above 1e12 as 1e12.
    private static let smallest = 1e-9

    private var zeros = 0
    private var cells: [Int: Int] = [:]
    package private(set) var count = 0

    package init() {}

    /// Counts a value; what is not finite is passed over.
    package mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        count += 1
        guard value >= Self.smallest else {
            zeros += 1
            return
        }
        cells[Int((Double.log(min(value, 1e12)) / Double.log(Self.growth)).rounded(.up)), default: 0] += 1
    }

    /// As if the other's values had been added here, exactly.
    package mutating func merge(_ other: QuantileSketch) {
        zeros += other.zeros
        count += other.count
        for (cell, number) in other.cells { cells[cell, default: 0] += number }
    }

    /// nil while empty.
    package func quantile(_ probability: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = Int(min(1, max(0, probability)) * Double(count - 1))
        var seen = zeros
        if rank < seen { return 0 }
        for cell in cells.keys.sorted() {
            seen += cells[cell] ?? 0
            if rank < seen { return 2 * Double.pow(Self.growth, Double(cell)) / (Self.growth + 1) }
        }
        return nil
    }
}
