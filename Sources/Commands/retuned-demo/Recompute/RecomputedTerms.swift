import Values

/// What an experiment was agreed to be decided by, as the daemon publishes it.
struct RecomputedTerms: Sendable {
    var alpha: Double
    var harmAlpha: Double
    var tuning: Double
    var minimumEffect: Double
    /// Steps of the ramp.
    var steps: Int
    var burnInUnits: Int
    var leastStepUnits: Int
    var leastStepSeconds: Double
    var longestSeconds: Double
    var ratingsPerRaterPerDay: Int
    var ratingsPerUnitPerDay: Int
    /// Nil: all of them count.
    var requestsPerUnitPerDay: Int?
    var daySeconds: Double
    var errorMargin: Double
    var latencyRatio: Double
    var isHoldBack: Bool
    /// Whether nothing is decided on those who were not there before it began.
    var newcomersAside: Bool
    /// Whether what units met last counts for harm.
    var latest: Bool
    /// Most newcomers in six hours, by the hour of the day in which these end; nil: any number.
    var burstLimits: [Int]?
    /// Whether the incumbent is asked how difficult first queries are.
    var asksDifficulty: Bool
    var started: Timestamp
    /// The goal's.
    var scale: RecomputedScale
    /// By how much the candidate may be worse; 0: it has to be better.
    var margin: Double
    var isNonInferiority: Bool
    /// Steps from 0 that begin at a person's word only.
    var approvalSteps: Set<Int>
    var metrics: [RecomputedMetric]

    init(_ view: JSONValue) throws {
        func number(_ value: JSONValue?, _ name: String) throws -> Double {
            guard let number = value?.doubleValue else { throw DemoFailure("the experiment shows no \(name)") }
            return number
        }
        let design = view["design"]
        alpha = try number(view["alpha"], "alpha")
        harmAlpha = try number(view["harmAlpha"], "harmAlpha")
        tuning = try number(view["tuning"], "tuning")
        minimumEffect = try number(view["minimumEffect"], "minimumEffect")
        burnInUnits = Int(try number(design?["burnInUnits"], "burnInUnits"))
        leastStepUnits = Int(try number(design?["leastStepUnits"], "leastStepUnits"))
        leastStepSeconds = try number(design?["leastStepSeconds"], "leastStepSeconds")
        longestSeconds = try number(design?["longestSeconds"], "longestSeconds")
        ratingsPerRaterPerDay = Int(try number(design?["ratingsPerRaterPerDay"], "ratingsPerRaterPerDay"))
        ratingsPerUnitPerDay = Int(try number(design?["ratingsPerUnitPerDay"], "ratingsPerUnitPerDay"))
        requestsPerUnitPerDay = design?["requestsPerUnitPerDay"]?.intValue
        daySeconds = try number(design?["daySeconds"], "daySeconds")
        errorMargin = try number(design?["errorMargin"], "errorMargin")
        latencyRatio = try number(design?["latencyRatio"], "latencyRatio")
        isHoldBack = design?["holdBack"] == true
        newcomersAside = design?["newcomersAside"] == true
        latest = design?["latest"] == true
        burstLimits = newcomersAside ? nil : design?["burstLimits"]?.arrayValue?.compactMap(\.intValue)
        asksDifficulty = design?["difficulty"] == true
        margin = design?["margin"]?.doubleValue ?? 0
        isNonInferiority = design?["margin"]?.doubleValue != nil
        approvalSteps = Set((design?["approvalSteps"]?.arrayValue ?? []).compactMap { $0.intValue.map { $0 - 1 } })
        metrics = try (design?["metrics"]?.arrayValue ?? []).map(RecomputedMetric.init)
        steps = view["ramp"]?.arrayValue?.count ?? 0
        guard steps > 0, let started = view["started"]?.stringValue.flatMap(Timestamp.init),
            let goal = view["goal"]?.stringValue
        else { throw DemoFailure("the experiment shows no ramp, start or goal") }
        (self.started, scale) = (started, try RecomputedScale(name: goal, design?["scale"]))
    }
}
