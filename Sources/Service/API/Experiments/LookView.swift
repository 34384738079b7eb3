package import Values

/// One look at the data, with what it decides on.
package struct LookView: Codable, Equatable, Sendable {
    package var time: Timestamp
    /// Step of the ramp, from 1.
    package var step: Int
    package var units: Int
    package var rated: Int
    /// Candidate minus incumbent.
    package var difference: Double?
    /// Of the difference: lower and upper end.
    package var interval: [Double]?
    /// The difference as a share of the incumbent's mean, and its lower and upper end; for people.
    package var relative: [Double]?
    /// Share of the squared error that is left after what is known of the units beside their ratings is taken out; absent:
    /// nothing to take out.
    package var varianceKept: Double?
    /// Share of the squared error that people add who rate the answers to others, by what they say of one arm alone; absent: nothing.
    package var raterShare: Double?
    /// Whether the difficulty of first queries is among that: it is known of all rated units, or that there is none; absent:
    /// it is not asked.
    package var difficulty: Bool?
    /// Pairs of units that the bet against harm was played on, and the logarithm of its largest wealth so far.
    package var harmPairs: Int
    package var harmLogWealth: Double
    /// Smallest p-values so far of equally many units in both arms, and of equally many that rate.
    package var assignmentPValue: Double
    package var raterPValue: Double
    /// By request, rated or not; absent before two units an arm have asked.
    package var perRequest: PerRequestView?
    /// Metrics of the design; absent: there are none.
    package var metrics: [MetricLookView]?
    /// Names of the guardrails, and of the signals, that are broken; absent: none.
    package var brokenGuardrails: [String]?
    package var brokenSignals: [String]?
    /// Whether an operator held the loop, so that harm alone was decided on; absent: no.
    package var paused: Bool?
    package var decision: String

    package init(
        time: Timestamp, step: Int, units: Int, rated: Int, difference: Double? = nil, interval: [Double]? = nil,
        relative: [Double]? = nil, varianceKept: Double? = nil, raterShare: Double? = nil, difficulty: Bool? = nil,
        harmPairs: Int,
        harmLogWealth: Double, assignmentPValue: Double, raterPValue: Double,
        perRequest: PerRequestView? = nil, metrics: [MetricLookView]? = nil, brokenGuardrails: [String]? = nil,
        brokenSignals: [String]? = nil, paused: Bool? = nil, decision: String
    ) {
        self.time = time
        self.step = step
        self.units = units
        self.rated = rated
        self.difference = difference
        self.interval = interval
        self.relative = relative
        self.varianceKept = varianceKept
        self.raterShare = raterShare
        self.difficulty = difficulty
        self.harmPairs = harmPairs
        self.harmLogWealth = harmLogWealth
        self.assignmentPValue = assignmentPValue
        self.raterPValue = raterPValue
        self.perRequest = perRequest
        self.metrics = metrics
        self.brokenGuardrails = brokenGuardrails
        self.brokenSignals = brokenSignals
        self.paused = paused
        self.decision = decision
    }
}
