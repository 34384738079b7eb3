import Glibc

/// The bet against "no harm": the j-th unit of each arm to be rated make a pair of first scores,
/// x = (1 + candidate − control) ÷ 2; the wealth is ∏ (1 + λ (½ − x)) with λ from what came before, cut to [0, 1.5].
struct RecomputedBet: Sendable {
    private var candidates: [Double] = []
    private var controls: [Double] = []
    private(set) var pairs = 0
    /// Largest logarithm of the wealth.
    private(set) var largest = 0.0
    private var logWealth = 0.0
    private var sum = 0.5
    private var squares = 0.0625

    mutating func enter(_ score: Double, isCandidate: Bool) {
        if isCandidate { candidates.append(score) } else { controls.append(score) }
        while pairs < min(candidates.count, controls.count) { settle(candidates[pairs], controls[pairs]) }
    }

    private mutating func settle(_ candidate: Double, _ control: Double) {
        let x = (1 + candidate - control) / 2
        let count = Double(pairs + 1)
        let gap = 0.5 - sum / count
        let stake = pairs == 0 ? 0.3 : min(1.5, max(0, gap / (squares / count + gap * gap)))
        logWealth += log(1 + stake * (0.5 - x))
        largest = max(largest, logWealth)
        pairs += 1
        sum += x
        let mean = sum / Double(pairs + 1)
        squares += (x - mean) * (x - mean)
    }
}
