import Glibc

/// The bet against "no harm": the j-th unit of each arm to be rated make a pair of first scores,
/// x = (1 + candidate − control) ÷ 2; the wealth is the mean, weighed by share, of ∏ (1 + λ (½ − x)) over fixed stakes λ.
struct RecomputedBet: Sendable {
    private var candidates: [Double] = []
    private var controls: [Double] = []
    private(set) var pairs = 0
    /// Largest logarithm of the wealth.
    private(set) var largest = 0.0
    private static let stakes = [0.15, 0.3, 0.7, 1.5]
    private static let shares = [0.2, 0.5, 0.2, 0.1]
    /// Logarithms of what each stake alone would have made.
    private var purses = [0.0, 0, 0, 0]

    mutating func enter(_ score: Double, isCandidate: Bool) {
        if isCandidate { candidates.append(score) } else { controls.append(score) }
        while pairs < min(candidates.count, controls.count) { settle(candidates[pairs], controls[pairs]) }
    }

    private mutating func settle(_ candidate: Double, _ control: Double) {
        let gain = (control - candidate) / 2
        pairs += 1
        for (index, stake) in Self.stakes.enumerated() { purses[index] += log(1 + stake * gain) }
        // Relative to the fullest purse, whose logarithm may be beyond what exp can take.
        let fullest = purses.max() ?? 0
        var sum = 0.0
        for (index, share) in Self.shares.enumerated() { sum += share * exp(purses[index] - fullest) }
        largest = max(largest, fullest + log(sum))
    }
}
