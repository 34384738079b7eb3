import Glibc
import Statistics

/// A game against "these scores are exchangeable with the calibration scores".
///
/// Memory: a histogram of calibration scores on a fixed grid and one of recent p-values.
package struct ConformalGame: Codable, Equatable, Sendable {
    /// Scores of the reference and of everything observed since, by cell of the grid.
    private(set) var calibration: [Int]
    private(set) var calibrationCount = 0
    private let minimum: Double
    private let maximum: Double
    /// Exponentially forgotten counts of past p-values by decile.
    private var stakes = [Double](repeating: 0, count: Self.bins)
    /// ln(M + 1) of the Shiryaev–Roberts statistics M of the bets: the histogram's, then the fixed ones'. They are kept in
    /// this form since it is finite from the start (M = 0), and what is kept as JSON has to be.
    private var logSuccessors = [Double](repeating: 0, count: 1 + Self.powers.count)
    /// Running sum of logarithmic factors since its minimum, and observations since then: where the change began.
    private var climb = 0.0
    package private(set) var observationsSinceOnset = 0
    /// Exponentially forgotten mean of 1 − p: the chance that a recent score exceeds a calibration score.
    package private(set) var effect = 0.5
    /// State of the generator of ties, signed: what is kept as JSON holds no larger numbers.
    private var ties: Int64

    private static let cells = 512
    private static let bins = 10
    /// ε of the fixed bets ε p^(ε − 1), whose mean over uniform p is 1: they need not learn that scores rose.
    private static let powers = [0.6, 0.8, 0.9]
    /// Past p-values that the stake remembers, and imaginary uniform ones that it starts from.
    private static let memory = 300.0
    private static let prior = 150.0

    /// - Parameters:
    ///   - range: scores are clamped to it.
    ///   - seed: of the random ties.
    package init(range: ClosedRange<Double>, seed: UInt64) {
        minimum = range.lowerBound
        maximum = range.upperBound
        calibration = [Int](repeating: 0, count: Self.cells)
        ties = Int64(bitPattern: seed)
    }

    /// Adds a score of the reference.
    package mutating func calibrate(_ score: Double) {
        calibration[cell(of: score)] += 1
        calibrationCount += 1
    }

    /// Plays one round.
    package mutating func observe(_ score: Double) {
        let cell = cell(of: score)
        let p = pValue(of: cell)
        let bin = min(Self.bins - 1, Int(p * Double(Self.bins)))
        let total = stakes.reduce(0, +)
        let factor = (stakes[bin] + Self.prior / Double(Self.bins)) / (total + Self.prior) * Double(Self.bins)
        for index in stakes.indices { stakes[index] *= 1 - 1 / Self.memory }
        stakes[bin] += 1
        advance(0, by: log(factor))
        for (index, power) in Self.powers.enumerated() {
            advance(index + 1, by: log(power) + (power - 1) * log(max(p, 1e-12)))
        }
        climb += log(factor)
        observationsSinceOnset += 1
        if climb <= 0 {
            climb = 0
            observationsSinceOnset = 0
        }
        effect += (1 - p - effect) / 200
        // Every observation calibrates those after it: only then are the p-values independent and exactly uniform.
        calibration[cell] += 1
        calibrationCount += 1
    }

    /// M ← (M + 1) · e, in logarithms.
    private mutating func advance(_ bet: Int, by logFactor: Double) {
        let next = logSuccessors[bet] + logFactor
        logSuccessors[bet] = next > 0 ? next + log1p(exp(-next)) : log1p(exp(next))
    }

    /// Natural logarithm of the mean of the statistics, which is an e-detector as each of them is; −∞ before the first
    /// round.
    package var logStatistic: Double {
        let largest = logSuccessors.max() ?? 0
        guard largest > 0 else { return -.infinity }
        let sum = logSuccessors.reduce(0) { $0 + exp($1 - largest) - exp(-largest) }
        return sum > 0 ? largest + log(sum / Double(logSuccessors.count)) : -.infinity
    }

    private func cell(of score: Double) -> Int {
        guard score.isFinite else { return Self.cells - 1 }
        let position = (score - minimum) / (maximum - minimum)
        return min(Self.cells - 1, max(0, Int(position * Double(Self.cells))))
    }

    /// Smoothed conformal p-value: share of calibration scores above, ties and the observation itself at random.
    private mutating func pValue(of cell: Int) -> Double {
        var above = 0
        for index in (cell + 1)..<max(cell + 1, Self.cells) { above += calibration[index] }
        let equal = Double(calibration[cell] + 1)
        return (Double(above) + uniform() * equal) / Double(calibrationCount + 1)
    }

    private mutating func uniform() -> Double {
        var generator = SplitMix64(state: UInt64(bitPattern: ties))
        defer { ties = Int64(bitPattern: generator.state) }
        return generator.uniform()
    }
}
