import Glibc

/// Watches what is asked: novelty of the words, length, and the model's loss on its own answers where it is known.
package struct QueryDetector: DriftDetector {
    /// One query, as the detector sees it.
    package struct Observation: Equatable, Sendable {
        /// The text of the newest message.
        package var text: String
        /// Mean log-probability of the answer's tokens, in nats, where the log has it.
        package var logProbability: Double?

        package init(text: String, logProbability: Double? = nil) {
            self.text = text
            self.logProbability = logProbability
        }
    }

    private let referenceCount: Int
    private let seed: UInt64
    package private(set) var learnt = 0
    private var model = NoveltyModel()
    private var novelty: ConformalGame
    private var length: ConformalGame
    private var loss: ConformalGame

    /// - Parameter referenceCount: queries of the reference; the first half teaches, the second calibrates.
    package init(referenceCount: Int, seed: UInt64) {
        self.referenceCount = referenceCount
        self.seed = seed
        novelty = ConformalGame(range: 0...15, seed: seed)
        length = ConformalGame(range: 0...10, seed: seed &+ 1)
        loss = ConformalGame(range: 0...15, seed: seed &+ 2)
    }

    package var isWatching: Bool { learnt >= referenceCount }

    /// Teaches, then calibrates, then plays a round of each game; the loss is played only once 100 queries with a
    /// log-probability have calibrated it.
    package mutating func observe(_ observation: Observation) {
        let lengthScore = log(1 + Double(observation.text.unicodeScalars.count))
        let lossScore = observation.logProbability.map { -$0 }
        guard isWatching else {
            if learnt < referenceCount / 2 {
                model.learn(observation.text)
            } else {
                novelty.calibrate(model.novelty(of: observation.text))
                length.calibrate(lengthScore)
                if let lossScore { loss.calibrate(lossScore) }
            }
            learnt += 1
            return
        }
        novelty.observe(model.novelty(of: observation.text))
        length.observe(lengthScore)
        if let lossScore, loss.calibrationCount >= 100 { loss.observe(lossScore) }
    }

    private var games: [(name: String, game: ConformalGame)] {
        [("novelty of the words", novelty), ("length of the queries", length), ("the model's loss", loss)]
    }

    /// The mean of three e-detectors.
    package var logEvidence: Double {
        guard isWatching else { return 0 }
        let logs = games.map(\.game.logStatistic)
        guard let largest = logs.max(), largest.isFinite else { return 0 }
        return largest + log(logs.reduce(0) { $0 + exp($1 - largest) } / Double(logs.count))
    }

    /// What changed most.
    package var strongest: String { games.max { $0.game.logStatistic < $1.game.logStatistic }?.name ?? "" }

    private var strongestGame: ConformalGame? { games.map(\.game).max { $0.logStatistic < $1.logStatistic } }

    package var effect: Double? { isWatching ? strongestGame?.effect : nil }

    package var observationsSinceOnset: Int { strongestGame?.observationsSinceOnset ?? 0 }

    package mutating func startAnew() {
        self = QueryDetector(referenceCount: referenceCount, seed: seed &+ 3)
    }
}
