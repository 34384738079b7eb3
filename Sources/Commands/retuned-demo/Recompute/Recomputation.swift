package import Values

/// An experiment's looks worked out again, from what the daemon exports and with formulas of its own.
package struct Recomputation: Sendable {
    let client: ServiceClient
    let deployment: String
    let experiment: String
    let daySeconds: Double
    let ratingsPerRaterPerDay: Int

    package struct Check: Sendable {
        package var looks = 0
        package var agreeing = 0
        package var problems: [String] = []
    }

    func run() async throws -> Check {
        let path = "/v1/deployments/\(deployment)/experiments/\(experiment)"
        guard let view = try await client.read(path) else { throw DemoFailure("there is no experiment \(experiment)") }
        let assignments = try await client.lines(path + "/assignments")
        let ratings = try await client.lines(path + "/ratings")
        return try Self.check(
            view: view, assignments: assignments, ratings: ratings, daySeconds: daySeconds,
            ratingsPerRaterPerDay: ratingsPerRaterPerDay)
    }

    package static func check(
        view: JSONValue, assignments: [JSONValue], ratings: [JSONValue], daySeconds: Double, ratingsPerRaterPerDay: Int
    ) throws -> Check {
        var arms: [String: String] = [:]
        for row in assignments where row["excluded"]?.stringValue == nil {
            if let unit = row["unit"]?.stringValue { arms[unit] = row["arm"]?.stringValue }
        }
        guard let alpha = view["alpha"]?.doubleValue, let tuning = view["tuning"]?.doubleValue,
            let started = view["started"]?.stringValue.flatMap(Timestamp.init), let goal = view["goal"]?.stringValue
        else { throw DemoFailure("the experiment shows no alpha, tuning, start or goal") }
        let rows = ratings.compactMap(ExportedRating.init).filter { $0.scale == goal }
        var check = Check()
        for (number, look) in (view["looks"]?.arrayValue ?? []).enumerated() {
            check.looks += 1
            let counting = RecomputedLook(
                rows.filter { $0.look.map { $0 <= number } ?? false }, arms: arms, started: started,
                daySeconds: daySeconds, ratingsPerRaterPerDay: ratingsPerRaterPerDay)
            let problems = counting.disagreements(with: look, alpha: alpha, tuning: tuning)
            if problems.isEmpty { check.agreeing += 1 }
            check.problems += problems.map { "look \(number): \($0)" }
        }
        return check
    }
}

/// A line of the exported ratings, in the order of the log.
struct ExportedRating: Sendable {
    var unit: String
    var rater: String
    var interaction: String
    var scale: String
    var score: Double
    var time: Timestamp
    var received: Timestamp
    var look: Int?

    /// Nil for a value that is no number: the demonstration's scale is a thumb, 0 or 1.
    init?(_ row: JSONValue) {
        guard let unit = row["unit"]?.stringValue, let rater = row["rater"]?.stringValue,
            let interaction = row["interaction"]?.stringValue, let score = row["value"]?.doubleValue,
            let time = row["time"]?.stringValue.flatMap(Timestamp.init),
            let received = row["received"]?.stringValue.flatMap(Timestamp.init)
        else { return nil }
        (self.unit, self.rater, self.interaction, self.score) = (unit, rater, interaction, score)
        (self.time, self.received) = (time, received)
        scale = row["scale"]?.stringValue ?? ""
        look = row["look"]?.intValue
    }
}
