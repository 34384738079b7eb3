import Values

/// A line of the exported assignments.
struct ExportedAssignment: Sendable {
    var unit: String
    var arm: String
    /// Whether the unit stood in its arm before, under another pseudonym.
    var isAgain: Bool
    var isExcluded: Bool
    /// Ratings before the enrolment, and their sum.
    var earlier: (count: Double, sum: Double)
    var isNewcomer: Bool
    var look: Int?

    init?(_ row: JSONValue) {
        guard let unit = row["unit"]?.stringValue, let arm = row["arm"]?.stringValue else { return nil }
        (self.unit, self.arm) = (unit, arm)
        isAgain = row["enrolledAs"]?.stringValue != nil
        isExcluded = row["excluded"]?.stringValue != nil
        isNewcomer = row["newcomer"] == true
        earlier = (row["earlierRatings"]?.doubleValue ?? 0, row["earlierScores"]?.doubleValue ?? 0)
        look = row["look"]?.intValue
    }
}

/// A line of the exported requests, in the order of the log.
struct ExportedRequest: Sendable {
    var unit: String
    var interaction: String
    var received: Timestamp
    var failed: Bool
    var latencyMilliseconds: Double?
    var firstTokenMilliseconds: Double?
    var promptTokens: Double?
    var completionTokens: Double?
    /// The other arm answered, so the unit counts no more.
    var isOtherArm: Bool
    var look: Int?

    init?(_ row: JSONValue) {
        guard let unit = row["unit"]?.stringValue,
            let interaction = row["interaction"]?.stringValue,
            let received = (row["received"] ?? row["time"])?.stringValue.flatMap(Timestamp.init)
        else { return nil }
        (self.unit, self.interaction, self.received) = (unit, interaction, received)
        failed = row["failed"] == true
        latencyMilliseconds = row["latencyMilliseconds"]?.doubleValue
        firstTokenMilliseconds = row["timeToFirstTokenMilliseconds"]?.doubleValue
        promptTokens = row["promptTokens"]?.doubleValue
        completionTokens = row["completionTokens"]?.doubleValue
        isOtherArm = row["otherArm"] == true
        look = row["look"]?.intValue
    }
}

/// A line of the exported difficulties.
struct ExportedDifficulty: Sendable {
    var unit: String
    /// Nats a token; nil: there is no figure.
    var nats: Double?
    var look: Int?

    init?(_ row: JSONValue) {
        guard let unit = row["unit"]?.stringValue else { return nil }
        self.unit = unit
        nats = row["difficulty"]?.doubleValue
        look = row["look"]?.intValue
    }
}

/// A line of the exported newcomers, in the order of the log.
struct ExportedNewcomer: Sendable {
    var names: [String]
    var received: Timestamp
    var look: Int?

    init?(_ row: JSONValue) {
        guard let names = row["newcomers"]?.arrayValue,
            let received = row["received"]?.stringValue.flatMap(Timestamp.init)
        else { return nil }
        (self.names, self.received) = (names.compactMap(\.stringValue), received)
        look = row["look"]?.intValue
    }
}

/// A line of the exported ratings, in the order of the log.
struct ExportedRating: Sendable {
    var unit: String
    var rater: String
    var interaction: String
    /// Its scale's name.
    var scale: String
    var score: Double
    var time: Timestamp
    var received: Timestamp
    var isByNewcomer: Bool
    var look: Int?

    /// Nil for a value that is none of the scale's.
    init?(_ row: JSONValue, _ scale: RecomputedScale) {
        guard let unit = row["unit"]?.stringValue, let rater = row["rater"]?.stringValue,
            let interaction = row["interaction"]?.stringValue, let score = row["value"].flatMap(scale.score),
            let time = row["time"]?.stringValue.flatMap(Timestamp.init),
            let received = row["received"]?.stringValue.flatMap(Timestamp.init)
        else { return nil }
        (self.unit, self.rater, self.interaction, self.score) = (unit, rater, interaction, score)
        (self.time, self.received, self.scale) = (time, received, scale.name)
        isByNewcomer = row["newcomer"] == true
        look = row["look"]?.intValue
    }
}
