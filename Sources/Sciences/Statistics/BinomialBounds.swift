/// Exact bounds of a probability from counted successes (Clopper & Pearson 1934): they cover with at least the stated
/// confidence at every true probability.
package enum BinomialBounds {
    /// One-sided lower bound; 0 without successes.
    package static func lower(successes: Int, trials: Int, confidence: Double) -> Double {
        guard successes > 0, trials > 0 else { return 0 }
        return SpecialFunctions.betaQuantile(1 - confidence, Double(successes), Double(trials - successes + 1))
    }

    /// One-sided upper bound; 1 without failures.
    package static func upper(successes: Int, trials: Int, confidence: Double) -> Double {
        guard successes < trials, trials > 0 else { return 1 }
        return SpecialFunctions.betaQuantile(confidence, Double(successes + 1), Double(trials - successes))
    }
}
