import Glibc

/// What one arm's values (milliseconds, tokens) add up to by unit, for its quantiles: of each threshold x the sums over
/// units of c, c² and c n, where n is a unit's number of values and c how many of them are at most x. From these follow the
/// share F(x) of values up to x and its squared error with the unit as cluster, as in `ArmSummary`.
///
/// The grid. Thresholds are 1.01ᵇ for b = 0…1620, from 1 to some 10⁷; bin b holds the values above 1.01ᵇ⁻¹ up to 1.01ᵇ. What
/// is below 1 counts as 1, what is above the last threshold as the last. F is exact at the thresholds, so nothing but the
/// place of a quantile is rounded: up, by less than 1 %.
///
/// The sums are whole numbers, and kept as their steps from bin to bin: the value of a unit moves them only at the unit's
/// own bins, so that one more value costs as much as the unit has bins, and a unit that is taken out leaves no trace.
package struct QuantileSummary: Equatable, Sendable {
    /// Ratio of neighbouring thresholds.
    package static let growth = 1.01
    /// The bin of the largest threshold, 1.01¹⁶²⁰ ≈ 1.0017 · 10⁷.
    package static let lastBin = 1620

    /// One unit's values as a sparse histogram: four bytes for each bin it has, besides the array's own 32.
    package struct UnitCounts: Equatable, Sendable {
        fileprivate struct Cell: Equatable, Sendable {
            var bin: UInt16
            var count: UInt16
        }

        /// By bin, rising. A bin has another cell where one is full.
        fileprivate var cells: [Cell] = []
        /// Number of the unit's values.
        package private(set) var values = 0

        package init() {}

        /// Counts one more value.
        ///
        /// - Parameter bin: in 0...`lastBin`.
        fileprivate mutating func add(bin: Int) {
            let place = place(after: bin)
            values += 1
            if place > 0, cells[place - 1].bin == bin, cells[place - 1].count < .max {
                cells[place - 1].count += 1
            } else {
                cells.insert(Cell(bin: UInt16(bin), count: 1), at: place)
            }
        }

        /// Index of the first cell above `bin`.
        fileprivate func place(after bin: Int) -> Int {
            var (low, high) = (0, cells.count)
            while low < high {
                let middle = (low + high) / 2
                if cells[middle].bin <= bin { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// Units with at least one value.
    package private(set) var units = 0
    /// Values of all units: Σ n.
    package private(set) var values = 0
    /// Σ n².
    private var valueSquares = 0
    /// Steps from bin to bin of Σ c, Σ c² and Σ c n; empty without units.
    private var counts: [Int] = []
    private var squares: [Int] = []
    private var products: [Int] = []

    package init() {}

    /// The bin of a value that is finite.
    static func bin(of value: Double) -> Int {
        guard value > 1 else { return 0 }
        return min(lastBin, Int((log(value) / log(growth)).rounded(.up)))
    }

    /// The largest value of a bin; likewise the ratio of values so many bins apart.
    static func value(ofBin bin: Int) -> Double { pow(growth, Double(bin)) }

    /// Takes one more value of a unit in, in time proportional to the unit's bins. What is not finite is passed over.
    ///
    /// - Parameters:
    ///   - value: clamped to the grid, 1 to some 10⁷.
    ///   - unit: what the unit has so far in this summary; kept by the caller.
    package mutating func add(_ value: Double, of unit: inout UnitCounts) {
        guard value.isFinite else { return }
        if units == 0 {
            counts = [Int](repeating: 0, count: Self.lastBin + 1)
            squares = counts
            products = counts
        }
        let bin = Self.bin(of: value)
        let old = unit.values
        let place = unit.place(after: bin)
        // From `bin` on c becomes c + 1 and everywhere n becomes n + 1: c² gains 2 c + 1, c n gains c below and c + n + 1 above.
        var upTo = 0
        for cell in unit.cells[..<place] {
            upTo += Int(cell.count)
            products[Int(cell.bin)] += Int(cell.count)
        }
        for cell in unit.cells[place...] {
            squares[Int(cell.bin)] += 2 * Int(cell.count)
            products[Int(cell.bin)] += Int(cell.count)
        }
        counts[bin] += 1
        squares[bin] += 2 * upTo + 1
        products[bin] += old + 1
        valueSquares += 2 * old + 1
        values += 1
        if old == 0 { units += 1 }
        unit.add(bin: bin)
    }

    /// Takes a unit out with all its values, as if it had never been there.
    ///
    /// - Parameter unit: as the last `add` to this summary left it.
    package mutating func remove(_ unit: UnitCounts) {
        guard unit.values > 0 else { return }
        var upTo = 0
        for cell in unit.cells {
            let count = Int(cell.count)
            counts[Int(cell.bin)] -= count
            squares[Int(cell.bin)] -= count * (2 * upTo + count)
            products[Int(cell.bin)] -= count * unit.values
            upTo += count
        }
        valueSquares -= unit.values * unit.values
        values -= unit.values
        units -= 1
        if units == 0 { self = QuantileSummary() }
    }

    /// The smallest threshold that at least the share `q` of the values do not exceed (nearest rank), so within 1 % above the
    /// value of that rank.
    ///
    /// - Parameter q: in (0, 1].
    /// - Returns: nil without values.
    package func quantile(_ q: Double) -> Double? { quantileBin(q).map(Self.value(ofBin:)) }

    /// The bin of the q-quantile.
    func quantileBin(_ q: Double) -> Int? {
        guard values > 0 else { return nil }
        // What rounding makes of a rank that is whole, like 0.07 · 100, does not move it.
        let rank = q * Double(values) * (1 - 1e-12)
        var upTo = 0
        for (bin, count) in counts.enumerated() {
            upTo += count
            if Double(upTo) >= rank { return bin }
        }
        return Self.lastBin
    }

    /// How alike the values of a unit are, by a threshold.
    struct Likeness {
        /// Squared error of the share F of the values up to the threshold, with the unit as cluster, over that of as many
        /// independent values: K ÷ (K − 1) · Σ (c − F n)² ÷ (Σ n · F (1 − F)).
        var designEffect: Double
        /// Units that would tell as much of F if all had equally many values up to the threshold, (Σ c)² ÷ Σ c², or equally
        /// many above it, whichever are fewer.
        var effectiveUnits: Double
    }

    /// Likeness by the threshold of a bin.
    ///
    /// - Parameter bin: one below 0 is below all values.
    /// - Returns: nil where F is 0 or 1, and with fewer than two units.
    func likeness(upTo bin: Int) -> Likeness? {
        guard units >= 2, bin >= 0 else { return nil }
        let bins = 0...min(bin, Self.lastBin)
        let c = counts[bins].reduce(0, +)
        guard c > 0, c < values else { return nil }
        let c2 = squares[bins].reduce(0, +)
        let cn = products[bins].reduce(0, +)
        let share = Double(c) / Double(values)
        let residual = max(0, Double(c2) - 2 * share * Double(cn) + share * share * Double(valueSquares))
        let above = Double(values - c)
        return Likeness(
            designEffect: Double(units) / Double(units - 1) * residual / (Double(values) * share * (1 - share)),
            effectiveUnits: min(
                Double(c) * Double(c) / Double(c2), above * above / Double(valueSquares - 2 * cn + c2)))
    }

    /// Units that would tell as much if all had equally many values: (Σ n)² ÷ Σ n² (Kish); 0 without values.
    var effectiveUnits: Double {
        values > 0 ? Double(values) * Double(values) / Double(valueSquares) : 0
    }

    /// Share of the values up to each threshold, from that of bin −1, which is 0, to 1; with at least one value.
    var shares: [Double] {
        var upTo = 0
        return [0]
            + counts.map { count in
                upTo += count
                return Double(upTo) / Double(values)
            }
    }
}
