import Glibc

/// A betting game against "the candidate does no harm", valid from the first pair of units.
///
/// The j-th unit of the candidate's arm to be rated is paired with the j-th of the control's; each unit enters once, with
/// its first rating as it came. With scores in [0, 1], x = (1 + candidate − control) ÷ 2 has mean at least ½ while there is
/// no harm, since units are assigned by a hash that knows nothing of them. The wealth ∏ (1 + λⱼ (½ − xⱼ)) with
/// predictable 0 ≤ λⱼ < 2 is then a supermartingale that starts at 1, so it exceeds 1 ÷ α at any look with a chance of at
/// most α (Ville; Waudby-Smith & Ramdas, arXiv 2010.09686). The stake is aGRAPA: (½ − m) ÷ (v + (½ − m)²) from running
/// mean m and variance v, cut to [0, 1.5].
///
/// A bet that was settled stays settled: the game is kept from look to look and only ever goes on. Were it played anew
/// from values that people have changed since, the stakes would know of outcomes that came after them.
package struct HarmGame: Codable, Equatable, Sendable {
    package private(set) var pairs = 0
    /// Natural logarithm of the wealth, and its largest value so far.
    package private(set) var logWealth = 0.0
    package private(set) var largestLogWealth = 0.0
    private var sum = 0.5
    private var squares = 0.25 * 0.25
    /// First scores of units that wait for one of the other arm; at most one of the lists holds any.
    private var waitingCandidates: [Double] = []
    private var waitingControls: [Double] = []

    package init() {}

    /// Takes units in, by the first score of each in the order in which they came, and plays every pair that is there.
    package mutating func enter(candidate: [Double], control: [Double]) {
        waitingCandidates += candidate
        waitingControls += control
        let pairs = min(waitingCandidates.count, waitingControls.count)
        for index in 0..<pairs { play(candidate: waitingCandidates[index], control: waitingControls[index]) }
        waitingCandidates.removeFirst(pairs)
        waitingControls.removeFirst(pairs)
    }

    private mutating func play(candidate: Double, control: Double) {
        let x = (1 + candidate - control) / 2
        let mean = sum / Double(pairs + 1)
        let variance = squares / Double(pairs + 1)
        let gap = 0.5 - mean
        let stake = pairs == 0 ? 0.3 : min(1.5, max(0, gap / (variance + gap * gap)))
        logWealth += log(1 + stake * (0.5 - x))
        largestLogWealth = max(largestLogWealth, logWealth)
        pairs += 1
        sum += x
        let newMean = sum / Double(pairs + 1)
        squares += (x - newMean) * (x - newMean)
    }

    /// Whether "no harm" is refused at error rate `alpha`.
    package func refuses(alpha: Double) -> Bool { largestLogWealth >= -log(alpha) }
}
