import Glibc

/// The test of "no harm": the j-th unit of each arm to be rated make a pair of first scores, d = control − candidate.
///
/// The wealth is the mean, weighed by share, of ∏ (1 + λ d ÷ 2) over fixed stakes λ. Where Σ d² first reaches a planned mark, the
/// tail of the normal beyond (Σ d − 1) ÷ √Σ d² is kept. Refused at α is where the wealth has reached 1 ÷ (0.65 α), or a tail is at
/// most its mark's part of α.
struct RecomputedBet: Sendable {
    private var candidates: [Double] = []
    private var controls: [Double] = []
    private(set) var pairs = 0
    /// Largest logarithm of the wealth.
    private(set) var largest = 0.0
    private static let stakes = [0.2, 0.7, 1.5]
    private static let shares = [0.2, 0.6, 0.2]
    /// Logarithms of what each stake alone would have made.
    private var purses = [0.0, 0, 0]
    private static let marks = [116.0, 500]
    private static let parts = [0.6, 0.1]
    private var sum = 0.0
    private var squares = 0.0
    private var tails: [Double] = []

    mutating func enter(_ score: Double, isCandidate: Bool) {
        if isCandidate { candidates.append(score) } else { controls.append(score) }
        while pairs < min(candidates.count, controls.count) { settle(candidates[pairs], controls[pairs]) }
    }

    private mutating func settle(_ candidate: Double, _ control: Double) {
        let difference = control - candidate
        pairs += 1
        for (index, stake) in Self.stakes.enumerated() { purses[index] += log(1 + stake * difference / 2) }
        // Relative to the fullest purse, whose logarithm may be beyond what exp can take.
        let fullest = purses.max() ?? 0
        var wealth = 0.0
        for (index, share) in Self.shares.enumerated() { wealth += share * exp(purses[index] - fullest) }
        largest = max(largest, fullest + log(wealth))
        sum += difference
        squares += difference * difference
        if tails.count < Self.marks.count, squares >= Self.marks[tails.count] {
            tails.append(erfc((sum - 1) / (2 * squares).squareRoot()) / 2)
        }
    }

    func refuses(alpha: Double) -> Bool {
        if largest >= -log(0.65 * alpha) { return true }
        return zip(tails, Self.parts).contains { $0 <= $1 * alpha }
    }
}
