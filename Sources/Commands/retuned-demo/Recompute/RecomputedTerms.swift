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
    var daySeconds: Double
    var errorMargin: Double
    var latencyRatio: Double
    var isHoldBack: Bool
    /// Whether nothing is decided on those who were not there before it began.
    var newcomersAside: Bool
    var started: Timestamp
    var goal: String
    /// The values of the goal's scale that score 0 and 1, and its words, if it has words.
    var worst: Double
    var best: Double
    var words: [String]

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
        daySeconds = try number(design?["daySeconds"], "daySeconds")
        errorMargin = try number(design?["errorMargin"], "errorMargin")
        latencyRatio = try number(design?["latencyRatio"], "latencyRatio")
        isHoldBack = design?["holdBack"] == true
        newcomersAside = design?["newcomersAside"] == true
        let scale = design?["scale"]
        worst = try number(scale?["worst"], "scale")
        best = try number(scale?["best"], "scale")
        words = scale?["words"]?.arrayValue?.compactMap(\.stringValue) ?? []
        steps = view["ramp"]?.arrayValue?.count ?? 0
        guard steps > 0, let started = view["started"]?.stringValue.flatMap(Timestamp.init),
            let goal = view["goal"]?.stringValue
        else { throw DemoFailure("the experiment shows no ramp, start or goal") }
        (self.started, self.goal) = (started, goal)
    }

    /// A value of the goal's scale, from 0 (the worst) to 1.
    func score(_ value: JSONValue) -> Double? {
        let place = value.stringValue.flatMap { words.firstIndex(of: $0) }.map(Double.init)
        return (place ?? value.doubleValue).map { min(1, max(0, ($0 - worst) / (best - worst))) }
    }
}
