package import Values

/// An experiment's looks worked out again, from what the daemon exports and with formulas of its own.
package struct Recomputation: Sendable {
    let client: ServiceClient
    let deployment: String
    let experiment: String

    /// How many of an experiment's recorded looks there are and how many come out again, and a sentence for each
    /// deviation.
    package struct Check: Sendable {
        package var looks = 0
        package var agreeing = 0
        package var problems: [String] = []
        /// Why looks cannot agree, where the export says so.
        package var explanation: String?
    }

    func run() async throws -> Check {
        let path = "/v1/deployments/\(deployment)/experiments/\(experiment)"
        guard let view = try await client.read(path) else { throw DemoFailure("there is no experiment \(experiment)") }
        let assignments = try await client.lines(path + "/assignments")
        let newcomers = view["design"]?["burstLimits"] == nil ? [] : try await client.lines(path + "/newcomers")
        let difficulties = view["design"]?["difficulty"] == true ? try await client.lines(path + "/difficulties") : []
        let ratings = try await client.lines(path + "/ratings")
        let requests = try await client.lines(path + "/requests")
        return try Self.check(
            view: view, assignments: assignments, difficulties: difficulties, newcomers: newcomers, ratings: ratings,
            requests: requests)
    }

    package static func check(
        view: JSONValue, assignments: [JSONValue], difficulties: [JSONValue] = [], newcomers: [JSONValue] = [],
        ratings: [JSONValue], requests: [JSONValue]
    ) throws -> Check {
        var experiment = RecomputedExperiment(terms: try RecomputedTerms(view))
        let assigned = Dictionary(grouping: assignments.compactMap(ExportedAssignment.init)) { $0.look ?? .max }
        let asked = Dictionary(grouping: difficulties.compactMap(ExportedDifficulty.init)) { $0.look ?? .max }
        let came = Dictionary(grouping: newcomers.compactMap(ExportedNewcomer.init)) { $0.look ?? .max }
        let terms = experiment.terms
        let scales = [terms.scale] + terms.metrics.compactMap(\.scale)
        let rated = Dictionary(
            grouping: ratings.compactMap { row in
                scales.first { $0.name == row["scale"]?.stringValue }.flatMap { ExportedRating(row, $0) }
            }
        ) { $0.look ?? .max }
        let served = Dictionary(grouping: requests.compactMap(ExportedRequest.init)) { $0.look ?? .max }
        var check = Check()
        for (number, look) in (view["looks"]?.arrayValue ?? []).enumerated() {
            for row in assigned[number] ?? [] { experiment.add(row) }
            for row in asked[number] ?? [] { experiment.add(row) }
            for row in came[number] ?? [] { experiment.add(row) }
            for row in rated[number] ?? [] { experiment.add(row) }
            for row in served[number] ?? [] { experiment.add(row) }
            let problems = experiment.disagreements(with: look)
            check.looks += 1
            if problems.isEmpty { check.agreeing += 1 }
            check.problems += problems.map { "look \(number): \($0)" }
        }
        let counted = assigned.filter { $0.key != .max }.values.reduce(0) { sum, rows in
            sum + rows.count { !$0.isAgain && !$0.isExcluded }
        }
        if let last = view["looks"]?.arrayValue?.last?["units"]?.intValue, counted < last {
            check.explanation =
                "\(last - counted) of \(last) units are gone from the log (an erasure, or retention); looks from before counted them"
        }
        return check
    }
}
