/// Watches what people think of the answers: the share of bad ratings, against that of a reference.
package struct RatingDetector: DriftDetector {
    private let referenceCount: Int
    private let seed: UInt64
    package private(set) var learnt = 0
    private var badness: ConformalGame

    /// - Parameter referenceCount: ratings of the reference.
    package init(referenceCount: Int, seed: UInt64) {
        self.referenceCount = referenceCount
        self.seed = seed
        badness = ConformalGame(range: 0...1, seed: seed)
    }

    package var isWatching: Bool { learnt >= referenceCount }

    /// - Parameter score: 1 − the rating's value in [0, 1]: 1 is the worst.
    package mutating func observe(_ score: Double) {
        guard isWatching else {
            badness.calibrate(score)
            learnt += 1
            return
        }
        badness.observe(score)
    }

    package var logEvidence: Double {
        isWatching && badness.logStatistic.isFinite ? badness.logStatistic : 0
    }

    package var effect: Double? { isWatching ? badness.effect : nil }

    package var observationsSinceOnset: Int { badness.observationsSinceOnset }

    package mutating func startAnew() {
        self = RatingDetector(referenceCount: referenceCount, seed: seed &+ 3)
    }
}
