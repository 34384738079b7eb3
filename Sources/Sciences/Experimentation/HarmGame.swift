import Glibc
import Statistics

/// A test of "the candidate does no harm", valid from the first pair of units: a betting game and two planned comparisons.
///
/// The j-th unit of the candidate's arm to be rated is paired with the j-th of the control's; each unit enters once, with
/// its first independent rating (`ExperimentData`) as it came. With scores in [0, 1], x = (1 + candidate − control) ÷ 2 has mean at least ½ while there is
/// no harm, since units are assigned by a hash that knows nothing of them. For a stake λ in [0, 2) the wealth
/// ∏ (1 + λ (½ − xⱼ)) is then a supermartingale that starts at 1, and so is a mean of such wealths; it exceeds 1 ÷ a at any
/// look with a chance of at most a (Ville; Waudby-Smith & Ramdas, arXiv 2010.09686).
///
/// A bet is open at every pair, for ever, and pays for that: at −0.05 on 0.70 and α = 0.19 a mixture of stakes that has the
/// whole α takes 404 pairs in the median, where one comparison at a number fixed beforehand would take 137, and stop no more
/// than half. So α is divided: the bets, whose stakes are those for great harm, have their share, and when the information
/// Σ d², with d = control − candidate, first reaches 116, and 500, the sum Σ d is compared once with what chance gives. Of
/// thumbs the information is the number of pairs that differ, and their signs are fair coins: neither rare outcomes nor the
/// share of good ratings make a difference. In the median that takes 279 pairs.
///
/// The shares add up to more than 1, since bets and comparisons err together. On fair coins the chance of any refusal is
/// known exactly (`refusals`): 0.936 α at 0.19, and from 10⁻⁶ to 0.475 nowhere above 1.01 α.
///
/// A bet that was settled stays settled: the game is kept from look to look and only ever goes on. Were it played anew
/// from values that people have changed since, each change would be another try.
package struct HarmGame: Codable, Equatable, Sendable {
    /// What the planned comparisons are about.
    private struct Comparisons: Codable, Equatable, Sendable {
        /// Σ d and Σ d² of the pairs played.
        var fall = 0.0
        var information = 0.0
        /// (Σ d − 1) ÷ √Σ d² when each one was taken, in the order of `planned`.
        var taken: [Double] = []
    }

    package private(set) var pairs = 0
    /// Largest natural logarithm of the wealth so far.
    package private(set) var largestLogWealth = 0.0
    /// Natural logarithm of each stake's own wealth.
    private var logWealths = [Double](repeating: 0, count: Self.stakes.count)
    /// Nil in a game that began when there were none: it goes on with its own stakes, which have all of α.
    private var comparisons: Comparisons? = Comparisons()
    /// First scores of units that wait for one of the other arm; at most one of the lists holds any.
    private var waitingCandidates: [Double] = []
    private var waitingControls: [Double] = []

    static let stakes: [(size: Double, share: Double)] = [(0.2, 0.2), (0.7, 0.6), (1.5, 0.2)]
    static let planned: [(information: Double, share: Double)] = [(116, 0.6), (500, 0.1)]
    /// The bets' share of α.
    static let betShare = 0.65
    private static let formerStakes: [(size: Double, share: Double)] = [
        (0.15, 0.2), (0.3, 0.5), (0.7, 0.2), (1.5, 0.1),
    ]

    package init() {}

    private var ownStakes: [(size: Double, share: Double)] { comparisons == nil ? Self.formerStakes : Self.stakes }

    /// Natural logarithm of the wealth.
    package var logWealth: Double {
        let largest = logWealths.max() ?? 0
        return largest + log(zip(logWealths, ownStakes).reduce(0) { $0 + $1.1.share * exp($1.0 - largest) })
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
        let stakes = ownStakes
        for index in logWealths.indices { logWealths[index] += log1p(stakes[index].size * (0.5 - x)) }
        pairs += 1
        largestLogWealth = max(largestLogWealth, logWealth)
        guard var comparisons else { return }
        comparisons.fall += control - candidate
        comparisons.information += (control - candidate) * (control - candidate)
        let next = comparisons.taken.count
        if next < Self.planned.count, comparisons.information >= Self.planned[next].information {
            // Less 1, as far as a pair can go: the correction for continuity of sums that move in steps.
            comparisons.taken.append((comparisons.fall - 1) / comparisons.information.squareRoot())
        }
        self.comparisons = comparisons
    }

    /// Whether "no harm" is refused at error rate `alpha`: by the bets, or by a comparison that was taken.
    package func refuses(alpha: Double) -> Bool {
        guard let comparisons else { return largestLogWealth >= -log(alpha) }
        return largestLogWealth >= Self.logWealthNeeded(alpha: alpha)
            || zip(comparisons.taken, Self.planned).contains { Self.isRefused($0, share: $1.share, alpha: alpha) }
    }

    private static func logWealthNeeded(alpha: Double) -> Double { -log(betShare * alpha) }

    private static func isRefused(_ z: Double, share: Double, alpha: Double) -> Bool {
        NormalDistribution.cumulative(-z) <= share * alpha
    }
}

extension HarmGame {
    /// The chance that scores of 0 and 1 are refused just at the first, second, … of the pairs that differ, exactly.
    ///
    /// Bets and comparisons then know only how many of those pairs spoke against the candidate, so the chances of these
    /// numbers are carried on from pair to pair, without those at which the game has ended.
    ///
    /// - Parameters:
    ///   - worse: the chance that a pair that differs speaks against the candidate: one half without a difference.
    ///   - most: pairs that differ.
    package static func refusals(alpha: Double, worse: Double, most: Int) -> [Double] {
        var chances = [1.0]
        // Losses that end the game; the bets' rise by at most one a pair.
        var ending = 1
        return (1...most).map { differing in
            var next = [Double](repeating: 0, count: chances.count + 1)
            for (losses, chance) in chances.enumerated() where chance > 1e-30 {
                next[losses] += chance * (1 - worse)
                next[losses + 1] += chance * worse
            }
            ending = max(0, ending - 1)
            while ending <= differing, !isEnough(losses: ending, of: differing, alpha: alpha) { ending += 1 }
            var end = ending
            if let comparison = planned.first(where: { $0.information == Double(differing) }) {
                end =
                    (0..<max(0, ending)).first {
                        let z = (2 * Double($0) - Double(differing) - 1) / Double(differing).squareRoot()
                        return isRefused(z, share: comparison.share, alpha: alpha)
                    } ?? ending
            }
            let refused = next.dropFirst(end).reduce(0, +)
            next.removeLast(max(0, next.count - end))
            chances = next
            return refused
        }
    }

    /// Whether so many losses among the pairs that differ make the wealth that the bets need.
    private static func isEnough(losses: Int, of differing: Int, alpha: Double) -> Bool {
        let logWealths = stakes.map {
            log($0.share) + Double(losses) * log1p($0.size / 2) + Double(differing - losses) * log1p(-$0.size / 2)
        }
        let largest = logWealths.max() ?? 0
        return largest + log(logWealths.reduce(0) { $0 + exp($1 - largest) }) >= logWealthNeeded(alpha: alpha)
    }
}
