/// What is fixed before an experiment begins.
package struct ExperimentDesign: Codable, Equatable, Sendable {
    /// Chance of promoting a candidate that is not better, over all looks.
    package var alpha: Double
    /// Chance of stopping a candidate that does no harm; see `harmGameShare`.
    package var harmAlpha: Double
    /// Share of the units in each arm at each step of the ramp.
    package var steps: [Double]
    /// Least time of a step, in seconds.
    package var leastStepSeconds: Double
    /// Rated units in each arm that a step waits for, at most three times its least time.
    package var leastStepUnits: Int
    package var longestSeconds: Double
    /// Smallest difference worth a promotion.
    package var minimumEffect: Double
    /// Rated units in each arm before the sequence counts.
    package var burnInUnits: Int
    /// Ratings at which the confidence sequence is narrowest.
    package var tuning: Double
    /// Largest ratio of mean latencies, and largest rise of the share of errors.
    package var latencyRatio: Double
    package var errorMargin: Double
    /// Most ratings of one rater, and of one unit, on a day that count, and how long a day is.
    package var ratingsPerRaterPerDay: Int
    package var ratingsPerUnitPerDay: Int
    /// Most requests of one unit on a day that count for errors, latency and metrics of requests.
    package var requestsPerUnitPerDay: Int
    package var daySeconds: Double
    /// Whether it guards a promotion: it ends with harm or at its longest duration, and never promotes.
    package var isHoldBack: Bool
    /// Whether ratings of those who were not there before it began are set aside (`ExperimentData`).
    package var setsNewcomersAside: Bool
    /// How many newcomers may come to rate within six hours, where those who come in a burst are set aside; nil: nobody is.
    package var burstLimits: BurstLimits?
    /// Whether the incumbent is asked how difficult the rated units' first queries are.
    package var asksDifficulty: Bool
    /// Whether what units met last counts for harm (`LatestOutcomes`).
    package var watchesLatest: Bool
    /// By how much the candidate may be worse at most for a promotion (non-inferiority); nil: it has to be better.
    package var margin: Double?
    /// Steps of the ramp, from 0, that begin at an operator's word only.
    package var approvalSteps: [Int]
    /// What is watched beside the goal, errors and latency.
    package var metrics: [MetricDesign]
    /// What it is decided on; nil in one that began before this was kept: the deployment's goal of now.
    package var goal: GoalScale?

    package init(
        alpha: Double, harmAlpha: Double, steps: [Double], leastStepSeconds: Double, leastStepUnits: Int,
        longestSeconds: Double, minimumEffect: Double, burnInUnits: Int, tuning: Double, latencyRatio: Double,
        errorMargin: Double, ratingsPerRaterPerDay: Int = 200, ratingsPerUnitPerDay: Int = 50,
        requestsPerUnitPerDay: Int = unlimited, daySeconds: Double = 86_400, isHoldBack: Bool = false,
        setsNewcomersAside: Bool = false,
        burstLimits: BurstLimits? = nil, asksDifficulty: Bool = false, watchesLatest: Bool = true,
        margin: Double? = nil,
        approvalSteps: [Int] = [], metrics: [MetricDesign] = [], goal: GoalScale? = nil
    ) {
        self.alpha = alpha
        self.harmAlpha = harmAlpha
        self.steps = steps
        self.leastStepSeconds = leastStepSeconds
        self.leastStepUnits = leastStepUnits
        self.longestSeconds = longestSeconds
        self.minimumEffect = minimumEffect
        self.burnInUnits = burnInUnits
        self.tuning = tuning
        self.latencyRatio = latencyRatio
        self.errorMargin = errorMargin
        self.ratingsPerRaterPerDay = ratingsPerRaterPerDay
        self.ratingsPerUnitPerDay = ratingsPerUnitPerDay
        self.requestsPerUnitPerDay = requestsPerUnitPerDay
        self.daySeconds = daySeconds
        self.isHoldBack = isHoldBack
        self.setsNewcomersAside = setsNewcomersAside
        self.burstLimits = burstLimits
        self.asksDifficulty = asksDifficulty
        self.watchesLatest = watchesLatest
        self.margin = margin
        self.approvalSteps = approvalSteps
        self.metrics = metrics
        self.goal = goal
    }

    /// A number of a day that nobody reaches.
    package static let unlimited = Int(Int32.max)
    /// Largest chance that a sound assignment is called broken.
    package static let sampleRatioAlpha = 0.01
    /// Part of the harm's error rate that the sequence has, which sees harm that a unit's first rating does not show.
    package static let harmSequenceShare = 0.05
    /// Part that the betting game has. In a hold-back, which follows on an experiment that saw how the candidate begins, nearly
    /// half is that of what units met last.
    package var harmGameShare: Double { isHoldBack && watchesLatest ? 0.5 : 1 - Self.harmSequenceShare }
    package var harmLatestShare: Double { isHoldBack && watchesLatest ? 0.45 : 0 }
    /// Error rate of all guardrails together, and of all signals.
    package static let guardrailAlpha = 0.05
    /// Standard errors by which the shares of rated requests may differ at a promotion: nine tenths of what chance does.
    package static let ratedErrors = 1.64
    /// A step that cannot reach its sample advances after so many times its least time, where nothing speaks of harm.
    package static let patience = 3.0

    /// What has to be better for a promotion in place of the ratings; nil: the ratings.
    package var goalMetric: MetricDesign? { metrics.first { $0.role == .goal } }
}

extension ExperimentDesign {
    /// An experiment that began before some of this was kept goes on without.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            alpha: try values.decode(Double.self, forKey: .alpha),
            harmAlpha: try values.decode(Double.self, forKey: .harmAlpha),
            steps: try values.decode([Double].self, forKey: .steps),
            leastStepSeconds: try values.decode(Double.self, forKey: .leastStepSeconds),
            leastStepUnits: try values.decode(Int.self, forKey: .leastStepUnits),
            longestSeconds: try values.decode(Double.self, forKey: .longestSeconds),
            minimumEffect: try values.decode(Double.self, forKey: .minimumEffect),
            burnInUnits: try values.decode(Int.self, forKey: .burnInUnits),
            tuning: try values.decode(Double.self, forKey: .tuning),
            latencyRatio: try values.decode(Double.self, forKey: .latencyRatio),
            errorMargin: try values.decode(Double.self, forKey: .errorMargin),
            ratingsPerRaterPerDay: try values.decode(Int.self, forKey: .ratingsPerRaterPerDay),
            ratingsPerUnitPerDay: try values.decodeIfPresent(Int.self, forKey: .ratingsPerUnitPerDay) ?? Self.unlimited,
            requestsPerUnitPerDay: try values.decodeIfPresent(Int.self, forKey: .requestsPerUnitPerDay)
                ?? Self.unlimited,
            daySeconds: try values.decode(Double.self, forKey: .daySeconds),
            isHoldBack: try values.decode(Bool.self, forKey: .isHoldBack),
            setsNewcomersAside: try values.decodeIfPresent(Bool.self, forKey: .setsNewcomersAside) ?? false,
            burstLimits: try values.decodeIfPresent(BurstLimits.self, forKey: .burstLimits),
            asksDifficulty: try values.decodeIfPresent(Bool.self, forKey: .asksDifficulty) ?? false,
            watchesLatest: try values.decodeIfPresent(Bool.self, forKey: .watchesLatest) ?? false,
            margin: try values.decodeIfPresent(Double.self, forKey: .margin),
            approvalSteps: try values.decodeIfPresent([Int].self, forKey: .approvalSteps) ?? [],
            metrics: try values.decodeIfPresent([MetricDesign].self, forKey: .metrics) ?? [],
            goal: try values.decodeIfPresent(GoalScale.self, forKey: .goal))
    }
}
