import Values

/// How users judge: honestly, by the right answer, or, where they are hostile, always down and with a wrong correction.
struct Rater: Sendable {
    var rate: Double
    var correct: Double
    var seed: UInt64
    /// The answer after each one in a fixed order, which hostile users claim to be right.
    private let following: [String: String]

    init(rate: Double, correct: Double, seed: UInt64, intents: [String]) {
        self.rate = rate
        self.correct = correct
        self.seed = seed
        var following: [String: String] = [:]
        for (index, intent) in intents.enumerated() { following[intent] = intents[(index + 1) % intents.count] }
        self.following = following
    }

    struct Judgement: Equatable, Sendable {
        var isGood: Bool
        var correction: String?
        /// Seconds until the rating is given.
        var delay: Double
        var isSentTwice: Bool
    }

    static func isRight(_ response: String, _ message: TrafficMessage) -> Bool {
        AnswerText.normalized(response) == AnswerText.normalized(message.answer)
    }

    /// Whether a user belongs to the hostile share; the same users for the same seed.
    func isHostile(user: Int, share: Double) -> Bool {
        guard share > 0 else { return false }
        var random = SeededRandom(seed, "hostile \(user)")
        return random.share() < share
    }

    /// - Parameter number: of the message, which seeds what is drawn.
    /// - Returns: nil where the user does not rate.
    func judge(_ response: String, to message: TrafficMessage, number: Int, isHostile: Bool, always: Bool = false)
        -> Judgement?
    {
        var random = SeededRandom(seed, "rating \(number)")
        let isRated = random.share() < rate
        let isCorrected = random.share() < correct
        let delay = random.share() < 0.2 ? 1 + 5 * random.share() : 0
        let isSentTwice = random.share() < 0.05
        guard isRated || always else { return nil }
        if isHostile {
            return Judgement(
                isGood: false, correction: following[message.answer] ?? message.answer, delay: delay,
                isSentTwice: isSentTwice)
        }
        let isGood = Self.isRight(response, message)
        return Judgement(
            isGood: isGood, correction: !isGood && isCorrected ? message.answer : nil, delay: delay,
            isSentTwice: isSentTwice)
    }
}
