import Glibc
import Statistics

/// What the units of an arm met last: of how many it is known, and for how many it was bad.
///
/// Bets on first outcomes never see harm that begins later, and sums over all outcomes see it late. Were both arms alike, what a
/// unit met last would not depend on its arm, so given how many units there are in each and for how many it was bad, the
/// number of bad ones among the candidate's is hypergeometric: Fisher's exact test, valid from the first unit on whatever units
/// are like. All looks together err with `alpha`, as the look with number t has the share 1 ÷ (2.11 (t + 1) ln²(t + 1)) of it:
/// these add up to less than one.
package struct LatestOutcomes: Equatable, Sendable {
    package var units: Int
    package var bad: Int

    package init(units: Int = 0, bad: Int = 0) {
        self.units = units
        self.bad = bad
    }

    /// Chance that the candidate's arm has so many of the bad ones or more, were both alike; 1 where its share is not larger.
    package static func pValue(candidate: Self, control: Self) -> Double {
        let (first, second, bad) = (candidate.units, control.units, candidate.bad + control.bad)
        guard candidate.bad * second > control.bad * first else { return 1 }
        func logChoose(_ of: Int, _ number: Int) -> Double {
            -log(Double(of + 1)) - SpecialFunctions.logBeta(Double(number + 1), Double(of - number + 1))
        }
        var term = exp(
            logChoose(first, candidate.bad) + logChoose(second, control.bad) - logChoose(first + second, bad))
        var sum = 0.0
        for number in candidate.bad...min(first, bad) {
            sum += term
            guard term > 1e-17 * sum else { break }
            term *=
                Double(first - number) * Double(bad - number)
                / (Double(number + 1) * Double(second - bad + number + 1))
        }
        return min(1, sum)
    }

    /// Whether the candidate's arm is worse off now.
    ///
    /// - Parameters:
    ///   - alpha: error rate of all looks together.
    ///   - look: its number, from 1.
    package static func refuses(candidate: Self, control: Self, alpha: Double, look: Int) -> Bool {
        let later = log(Double(look + 1))
        return pValue(candidate: candidate, control: control) <= alpha / (2.11 * Double(look + 1) * later * later)
    }
}
