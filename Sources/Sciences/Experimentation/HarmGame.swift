import Glibc

/// A betting game against "the candidate does no harm", valid from the first pair of units.
///
/// The j-th unit of the candidate's arm to be rated is paired with the j-th of the control's; each unit enters once, with
/// its first rating as it came. With scores in [0, 1], x = (1 + candidate − control) ÷ 2 has mean at least ½ while there is
/// no harm, since units are assigned by a hash that knows nothing of them. For a stake λ in [0, 2) the wealth
/// ∏ (1 + λ (½ − xⱼ)) is then a supermartingale that starts at 1, and so is a mean of such wealths; it exceeds 1 ÷ α at any
/// look with a chance of at most α (Ville; Waudby-Smith & Ramdas, arXiv 2010.09686).
///
/// The wealth is shared out among fixed stakes beforehand. The best stake is the gap ÷ (its square + variance) of x, which
/// one mistakes for long where it is learnt: at −0.05 on 0.70 and α = 0.2 the best one (0.25) takes 350 pairs in the
/// median, a learnt one (aGRAPA) 790, this mixture 365, since what it gives away is bounded: −ln of a share. The small
/// stakes are for small gaps, the large ones for great harm and for scores that hardly vary, like answered requests.
///
/// A bet that was settled stays settled: the game is kept from look to look and only ever goes on. Were it played anew
/// from values that people have changed since, each change would be another try.
package struct HarmGame: Codable, Equatable, Sendable {
    package private(set) var pairs = 0
    /// Largest natural logarithm of the wealth so far.
    package private(set) var largestLogWealth = 0.0
    /// Natural logarithm of each stake's own wealth.
    private var logWealths = [Double](repeating: 0, count: Self.stakes.count)
    /// First scores of units that wait for one of the other arm; at most one of the lists holds any.
    private var waitingCandidates: [Double] = []
    private var waitingControls: [Double] = []

    static let stakes: [(size: Double, share: Double)] = [(0.15, 0.2), (0.3, 0.5), (0.7, 0.2), (1.5, 0.1)]

    package init() {}

    /// Natural logarithm of the wealth.
    package var logWealth: Double {
        let largest = logWealths.max() ?? 0
        return largest + log(zip(logWealths, Self.stakes).reduce(0) { $0 + $1.1.share * exp($1.0 - largest) })
    }

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
        for index in logWealths.indices { logWealths[index] += log1p(Self.stakes[index].size * (0.5 - x)) }
        pairs += 1
        largestLogWealth = max(largestLogWealth, logWealth)
    }

    /// Whether "no harm" is refused at error rate `alpha`.
    package func refuses(alpha: Double) -> Bool { largestLogWealth >= -log(alpha) }
}
