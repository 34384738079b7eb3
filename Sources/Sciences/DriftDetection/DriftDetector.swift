// Drift detection: has the traffic, or what people think of the answers, changed?
//
// 1. A reference window says what is normal. Its first half teaches a novelty model of hashed words and character
//    n-grams (`NoveltyModel`), its second half calibrates scores.
// 2. Each query gets scores (novelty, length, and the model's own loss where the log has it), each rating one (bad or
//    not). A score becomes a conformal p-value: its rank among all scores before it, ties broken at random from a seeded
//    generator, so that p-values are independent and uniform while nothing changes (Vovk, Gammerman & Shafer 2005).
// 3. P-values are bet against: the stake is a histogram of the past p-values, so that a game against uniformity wins
//    wherever they pile up (Fedorova et al. 2012), and fixed bets ε p^(ε − 1) that win at once where scores rise (Vovk &
//    Wang 2021). A game's factor is an e-value: its mean is 1 while nothing changes.
// 4. The factors feed a Shiryaev–Roberts e-detector, M ← (M + 1) · e (Shin, Ramdas & Rinaldo, 2203.03532). While nothing
//    changes E[M after n] ≤ n, so an alarm at M ≥ c has an expected run time of at least c observations; c is the
//    operator's budget of false alarms times the deployment's own traffic. Several games are averaged, which keeps that.
//
// The one assumption is that queries are exchangeable while nothing changes: a daily rhythm of topics breaks it.

/// Something that watches a stream in constant memory and says when it changed.
package protocol DriftDetector<Observation>: Codable, Equatable, Sendable {
    associatedtype Observation

    /// Takes the next observation in.
    mutating func observe(_ observation: Observation)

    /// Natural logarithm of the evidence that the stream changed; 0 or less while the reference is learnt.
    var logEvidence: Double { get }

    /// Chance that a recent observation scores higher than a reference one; 0.5 where nothing changed, nil before.
    var effect: Double? { get }

    /// Observations since the change probably began.
    var observationsSinceOnset: Int { get }

    /// Whether the reference is complete.
    var isWatching: Bool { get }

    /// Begins with a new reference.
    mutating func startAnew()
}
