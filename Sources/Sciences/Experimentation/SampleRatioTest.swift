import Glibc
import Statistics

/// Sequential test of "both arms get equally many" (Lindon & Malek, arXiv 2011.03567): a Dirichlet–multinomial Bayes
/// factor, valid at all looks together.
package enum SampleRatioTest {
    /// Weight of the prior that both shares are one half.
    private static let concentration = 50.0

    /// Natural logarithm of the evidence against equal chances after so many units in each arm.
    package static func logEvidence(_ first: Int, _ second: Int) -> Double {
        let a = Double(first) + concentration
        let b = Double(second) + concentration
        return SpecialFunctions.logBeta(a, b) - SpecialFunctions.logBeta(concentration, concentration)
            + Double(first + second) * log(2)
    }

    /// Sequential p-value of one look; the smallest over all looks counts.
    package static func pValue(_ first: Int, _ second: Int) -> Double {
        min(1, exp(-logEvidence(first, second)))
    }
}
