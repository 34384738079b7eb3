package import Values

/// A shadow replay: a cycle's candidate and the incumbent answer the same logged queries.
package struct ShadowRecord: Equatable, Sendable {
    package var cycle: String
    package var deployment: String
    /// Served names.
    package var incumbent: String
    package var candidate: String
    package var design: JSONValue
    /// Decides in which order a pair's answers are shown. The store draws it where a replay begins; it is told to nobody.
    package internal(set) var salt = ""
    /// Units of the candidate's training rows among those asked, where too few others had asked.
    package var trainedUnits: Int
    package var started: Timestamp
    package var ended: Timestamp?
    package var decision: String?
    /// The figures that it ended with.
    package var look: JSONValue?

    package init(
        cycle: String, deployment: String, incumbent: String, candidate: String, design: JSONValue,
        trainedUnits: Int = 0, started: Timestamp, ended: Timestamp? = nil, decision: String? = nil,
        look: JSONValue? = nil
    ) {
        self.cycle = cycle
        self.deployment = deployment
        self.incumbent = incumbent
        self.candidate = candidate
        self.design = design
        self.trainedUnits = trainedUnits
        self.started = started
        self.ended = ended
        self.decision = decision
        self.look = look
    }
}

/// A logged query that can be asked again.
package struct ShadowQuery: Equatable, Sendable {
    package var cycle: String
    /// Sequence number of the interaction.
    package var interaction: Int64
    package var unit: String
    /// Whether the candidate was trained on rows of the unit.
    package var isTrained: Bool

    package init(cycle: String, interaction: Int64, unit: String, isTrained: Bool = false) {
        self.cycle = cycle
        self.interaction = interaction
        self.unit = unit
        self.isTrained = isTrained
    }
}

/// A query with what both arms answered so far.
package struct ShadowPairRecord: Equatable, Sendable {
    package var sequence: Int64
    package var number: Int
    package var interaction: StoredInteraction
    package var incumbentAnswer: String?
    package var candidateAnswer: String?
}

/// What came of asking one arm, or why the pair is given up.
package struct ShadowAnswer: Equatable, Sendable {
    /// Which arm answered, or that the query cannot be asked again.
    package enum Kind: String, Sendable {
        case incumbent = "incumbent_answer"
        case candidate = "candidate_answer"
        case failure
    }

    /// Sequence number of the pair.
    package var pair: Int64
    package var kind: Kind
    package var text: String

    package init(pair: Int64, kind: Kind, text: String) {
        self.pair = pair
        self.kind = kind
        self.text = text
    }
}

/// What a judge says of a pair: 1 where the candidate's answer is better, ½ where both are alike, 0 where it is worse.
package struct ShadowJudgement: Equatable, Sendable {
    package var pair: Int64
    package var judge: String
    package var value: Double
    package var time: Timestamp

    package init(pair: Int64, judge: String, value: Double, time: Timestamp) {
        self.pair = pair
        self.judge = judge
        self.value = value
        self.time = time
    }
}

/// A replay's pairs in numbers: those with both answers, with each judge's latest value, and how many there are at all.
package struct ShadowStanding: Equatable, Sendable {
    /// A pair that was answered by both arms; where they answered the same, half is the only judgement.
    package struct Pair: Equatable, Sendable {
        package var unit: String
        package var judgements: [Double]
    }

    package var answered: [Pair] = []
    /// Pairs among them where both answered the same.
    package var alike = 0
    /// All pairs, also those that are given up.
    package var pairs = 0
    package var failed = 0
    /// Whether no pair waits for an answer.
    package var isComplete: Bool { answered.count + failed >= pairs }
}
