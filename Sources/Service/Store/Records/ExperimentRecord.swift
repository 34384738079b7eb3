package import Traffic
package import Values

/// Incumbent against candidate (`e-12`).
package struct ExperimentRecord: Equatable, Sendable {
    package var id: String
    package var deployment: String
    package var cycle: String
    package var incumbent: String
    package var candidate: String
    /// Hashed with the unit for the assignment.
    package var salt: String
    /// What was fixed before it began: a JSON object.
    package var design: JSONValue
    package var state: VersionedValue
    package var started: Timestamp
    package var ended: Timestamp?
    package var decision: String?
    package var reason: String?
    /// Assignments that an erasure took out since.
    package var erasedUnits: Int
    /// The log's end when it began: nothing before belongs to it.
    package var began: LogPosition

    package init(
        id: String, deployment: String, cycle: String, incumbent: String, candidate: String, salt: String,
        design: JSONValue, state: VersionedValue, started: Timestamp, ended: Timestamp? = nil,
        decision: String? = nil, reason: String? = nil, erasedUnits: Int = 0, began: LogPosition = .start
    ) {
        self.id = id
        self.deployment = deployment
        self.cycle = cycle
        self.incumbent = incumbent
        self.candidate = candidate
        self.salt = salt
        self.design = design
        self.state = state
        self.started = started
        self.ended = ended
        self.decision = decision
        self.reason = reason
        self.erasedUnits = erasedUnits
        self.began = began
    }
}

/// What a look saw: everything with a sequence number up to these, and nothing later.
package struct LookPosition: Equatable, Sendable {
    package var log: LogPosition
    package var assignments: Int64
    package var difficulties: Int64

    package init(log: LogPosition, assignments: Int64, difficulties: Int64) {
        self.log = log
        self.assignments = assignments
        self.difficulties = difficulties
    }

    package static let start = LookPosition(log: .start, assignments: 0, difficulties: 0)

    /// Whether the other one saw something of the log, or an assignment, that this one does not.
    package func isBefore(_ other: LookPosition) -> Bool {
        log.interactions < other.log.interactions || log.ratings < other.log.ratings || assignments < other.assignments
    }
}

/// One look at an experiment: what it saw and what it said.
package struct LookRecord: Equatable, Sendable {
    package var experiment: String
    /// 1, 2, 3, … in its experiment.
    package var number: Int
    package var time: Timestamp
    package var position: LookPosition
    /// A JSON object: units, rated, difference, interval, decision.
    package var result: JSONValue

    package init(experiment: String, number: Int, time: Timestamp, position: LookPosition, result: JSONValue) {
        self.experiment = experiment
        self.number = number
        self.time = time
        self.position = position
        self.result = result
    }
}

/// The arm of a unit in an experiment, fixed at its enrolment.
package struct AssignmentRecord: Equatable, Sendable {
    package var experiment: String
    /// Pseudonym.
    package var unit: String
    /// `incumbent` or `candidate`.
    package var arm: String
    package var time: Timestamp
    /// Share of all units that stood in the candidate's arm when it was enrolled, 0 to 1.
    package var exposure: Double
    /// Pseudonym of the conversation it was enrolled in.
    package var conversation: String?
    /// Why the unit is left out of the analysis; nil: it is not.
    package var excluded: String?
    /// The pseudonym under an older key that the same unit was enrolled as: both rows are one unit. Nil for its first row.
    package var enrolledAs: String?

    package init(
        experiment: String, unit: String, arm: String, time: Timestamp, exposure: Double, conversation: String? = nil,
        excluded: String? = nil, enrolledAs: String? = nil
    ) {
        self.experiment = experiment
        self.unit = unit
        self.arm = arm
        self.time = time
        self.exposure = exposure
        self.conversation = conversation
        self.excluded = excluded
        self.enrolledAs = enrolledAs
    }
}

/// An assignment with its place in the export.
package struct StoredAssignment: Equatable, Sendable {
    package var sequence: Int64
    package var assignment: AssignmentRecord

    package init(sequence: Int64, assignment: AssignmentRecord) {
        self.sequence = sequence
        self.assignment = assignment
    }
}

/// What answers a conversation, fixed at its first turn.
package struct ConversationRecord: Equatable, Sendable {
    package var deployment: String
    /// Pseudonym.
    package var conversation: String
    /// Pseudonym of the unit, where there is one.
    package var unit: String?
    package var arm: String
    /// Served name.
    package var adapter: String
    package var time: Timestamp

    package init(
        deployment: String, conversation: String, unit: String?, arm: String, adapter: String, time: Timestamp
    ) {
        self.deployment = deployment
        self.conversation = conversation
        self.unit = unit
        self.arm = arm
        self.adapter = adapter
        self.time = time
    }
}

/// Units and conversations that are fixed when something is served. What was fixed before stays as it is.
package struct Enrolments: Equatable, Sendable {
    package var assignments: [AssignmentRecord]
    package var conversations: [ConversationRecord]

    package init(assignments: [AssignmentRecord] = [], conversations: [ConversationRecord] = []) {
        self.assignments = assignments
        self.conversations = conversations
    }

    package var isEmpty: Bool { assignments.isEmpty && conversations.isEmpty }
}

/// A rating of an enrolled unit's interaction, after its enrolment and served by an adapter of the experiment.
package struct ExperimentRating: Equatable, Sendable {
    /// The rating's sequence number.
    package var sequence: Int64
    package var id: String
    /// Pseudonym that the unit was first enrolled as.
    package var unit: String
    package var arm: String
    /// Pseudonym of who rated; an enrolled unit's as in `unit`.
    package var rater: String
    package var interaction: String
    /// The interaction's sequence number.
    package var interactionSequence: Int64
    package var scale: String
    package var value: Rating.Value
    package var time: Timestamp
    package var received: Timestamp
    /// Served name that the interaction names.
    package var adapter: String
    /// Whether the rater is not the unit, and had neither rated nor asked when the experiment began.
    package var isByNewcomer: Bool

    package init(
        sequence: Int64, id: String, unit: String, arm: String, rater: String, interaction: String,
        interactionSequence: Int64, scale: String, value: Rating.Value, time: Timestamp, received: Timestamp,
        adapter: String, isByNewcomer: Bool
    ) {
        self.sequence = sequence
        self.id = id
        self.unit = unit
        self.arm = arm
        self.rater = rater
        self.interaction = interaction
        self.interactionSequence = interactionSequence
        self.scale = scale
        self.value = value
        self.time = time
        self.received = received
        self.adapter = adapter
        self.isByNewcomer = isByNewcomer
    }
}

/// A value that a unit had given before it was enrolled, and how often.
package struct EarlierRating: Equatable, Sendable {
    /// Sequence number of the unit's assignment.
    package var assignment: Int64
    package var scale: String
    package var value: Rating.Value
    package var count: Int

    package init(assignment: Int64, scale: String, value: Rating.Value, count: Int) {
        self.assignment = assignment
        self.scale = scale
        self.value = value
        self.count = count
    }
}

/// An interaction of an enrolled unit without its texts, for guardrails and ratios.
package struct ExperimentInteraction: Equatable, Sendable {
    package var sequence: Int64
    package var id: String
    package var unit: String
    package var arm: String
    package var time: Timestamp
    package var received: Timestamp
    package var adapter: String
    package var failed: Bool
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    /// Whether the other arm's adapter answered, in a conversation that began after the unit's enrolment.
    package var isOtherArm: Bool

    package init(
        sequence: Int64, id: String, unit: String, arm: String, time: Timestamp, received: Timestamp, adapter: String,
        failed: Bool, latencyMilliseconds: Double?, timeToFirstTokenMilliseconds: Double?, promptTokens: Int?,
        completionTokens: Int?, isOtherArm: Bool
    ) {
        self.sequence = sequence
        self.id = id
        self.unit = unit
        self.arm = arm
        self.time = time
        self.received = received
        self.adapter = adapter
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.timeToFirstTokenMilliseconds = timeToFirstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.isOtherArm = isOtherArm
    }
}

/// A request of a unit that an adapter served, without its texts, and what raters say of it on one scale.
package struct RatedRequest: Equatable, Sendable {
    /// A rater's latest rating of the request; the rater is a pseudonym, the unit's own where none was named.
    package struct Opinion: Equatable, Sendable {
        package var rater: String
        package var value: Rating.Value
        package var received: Timestamp

        package init(rater: String, value: Rating.Value, received: Timestamp) {
            self.rater = rater
            self.value = value
            self.received = received
        }
    }

    package var sequence: Int64
    package var unit: String
    package var time: Timestamp
    package var failed: Bool
    package var latencyMilliseconds: Double?
    package var timeToFirstTokenMilliseconds: Double?
    package var promptTokens: Int?
    package var completionTokens: Int?
    package var opinions: [Opinion]

    package init(
        sequence: Int64, unit: String, time: Timestamp, failed: Bool, latencyMilliseconds: Double?,
        timeToFirstTokenMilliseconds: Double?, promptTokens: Int?, completionTokens: Int?, opinions: [Opinion]
    ) {
        self.sequence = sequence
        self.unit = unit
        self.time = time
        self.failed = failed
        self.latencyMilliseconds = latencyMilliseconds
        self.timeToFirstTokenMilliseconds = timeToFirstTokenMilliseconds
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.opinions = opinions
    }
}
