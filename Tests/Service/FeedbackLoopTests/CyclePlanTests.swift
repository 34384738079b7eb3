import Experimentation
import FeedbackLoop
import Store
import Testing
import Traffic
import Values

@Suite("Plan of a metric that is the goal")
struct GoalPlanTests {
    @Test("Fewer errors than none cannot be shown; a share of them, or more tokens, is another thing")
    func errors() async throws {
        // No answer of its log is an error.
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        func plan(_ metric: MetricDesign) async throws -> GoalPlan {
            var design = ExperimentDesign(
                alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 60, leastStepUnits: 10,
                longestSeconds: 86_400, minimumEffect: 0.05, burnInUnits: 10, tuning: 1000, latencyRatio: 1.5,
                errorMargin: 0.05)
            design.metrics = [metric]
            return try #require(try await test.loop.goalPlan(design, starts: [0], at: test.now))
        }
        func fewer(_ change: MetricDesign.Change) -> MetricDesign {
            MetricDesign(name: "failures", measure: .errors, role: .goal, change: change, limit: 0.01)
        }
        let absolute = try await plan(fewer(.absolute))
        #expect(absolute.mean == 0 && absolute.seconds == .infinity && absolute.isMoreThanThereIs)
        #expect(absolute.smallestEffect == nil)
        // Nor does it say what any of them cost: whether the 90th of them is lower is nothing that could be decided.
        for quantile in [nil, 0.9] {
            let cost = try await plan(
                MetricDesign(
                    name: "cost", measure: .completionTokens, quantile: quantile, role: .goal, change: .relative,
                    limit: 0.1))
            #expect(cost.isUnmeasured && cost.mean == nil && cost.seconds == .infinity)
        }
        let relative = try await plan(fewer(.relative))
        #expect(relative.seconds == nil && !relative.isMoreThanThereIs)
    }
}

/// What a cycle asks before it exposes anybody, on the log of the days before.
@Suite("Plan of a cycle")
struct CyclePlanTests {
    /// A report whose gain is known to lie between 0 and 10 points.
    private static func report(incumbent: Double = 0.7) throws -> Gate.Report {
        let gain: JSONValue = [
            "rows": 200, "units": 100, "estimate": 0.05, "lower": 0.0, "upper": 0.1, "incumbent": .number(incumbent),
            "candidate": .number(incumbent + 0.05),
        ]
        return try StrictJSON.decode(
            Gate.Report.self, from: ["passed": true, "reason": "it gains", "recentRight": gain])
    }

    /// Requests and their ratings, seven of ten good, so many days before now.
    ///
    /// - Parameter units: who asked, request by request; nil: nobody who is named.
    private static func log(
        _ test: LoopUnderTest, daysAgo: Int, units: [String?], areBest: Bool = false
    ) async throws {
        let time = test.now.advanced(bySeconds: -Double(daysAgo) * 86_400)
        var entries: [LogEntry] = []
        for (number, unit) in units.enumerated() {
            let id = "\(daysAgo)-\(number)"
            entries.append(
                .interaction(
                    LoggedInteraction(
                        interaction: Interaction(
                            id: "i-\(id)", deployment: "support", time: time, unit: unit,
                            messages: [Message(role: "user", content: .text("query"))], response: "Label",
                            adapter: "support"),
                        keyID: "k1", bodyHash: Array(repeating: 1, count: 32), record: "sha256:i-\(id)",
                        received: time, redactedResponse: [], redactions: [:], fromGateway: false)))
            entries.append(
                .rating(
                    LoggedRating(
                        rating: Rating(
                            id: "r-\(id)", deployment: "support", interaction: "i-\(id)", time: time,
                            scale: "thumb", value: .number(areBest || (number * 7 + daysAgo) % 10 < 7 ? 1 : 0)),
                        keyID: "k1", bodyHash: Array(repeating: 1, count: 32), record: "sha256:r-\(id)",
                        received: time, redactedCorrection: [], redactions: [:])))
        }
        _ = try await test.store.append(entries)
    }

    @Test("A quiet weekend is no reason not to begin")
    func quietDays() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        for day in 3..<13 { try await Self.log(test, daysAgo: day, units: (0..<200).map { "u\($0)" }) }
        #expect(try await test.loop.planProblem(Self.report(), at: test.now) == nil)
    }

    @Test("How ratings vary people say, and not how often an answer is the row's to the letter")
    func variance() async throws {
        for (each, isDecidable) in [(15, false), (300, true)] {
            let test = try await LoopUnderTest(candidate: 0.9, units: 0)
            for day in 1..<13 {
                try await Self.log(test, daysAgo: day, units: (0..<each).map { "u\(day * each + $0)" })
            }
            try await Self.log(test, daysAgo: 0, units: (0..<100).map { "u\($0)" })
            var reasons: Set<String?> = []
            for incumbent in [0.05, 0.5, 0.9] {
                let problem = try await test.loop.planProblem(Self.report(incumbent: incumbent), at: test.now)
                reasons.insert(problem?.reason)
            }
            #expect(reasons.count == 1 && reasons.contains(nil) == isDecidable, "\(reasons)")
        }
    }

    @Test("Where the ratings of late are the best there is no room for a gain, whatever came before")
    func room() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        for day in 1..<10 { try await Self.log(test, daysAgo: day, units: (0..<200).map { "u\($0)" }) }
        try await Self.log(test, daysAgo: 0, units: (0..<200).map { "u\($0)" }, areBest: true)
        let problem = try #require(try await test.loop.planProblem(Self.report(), at: test.now))
        #expect(problem.reason.contains("none could be better by 2"), "\(problem.reason)")
        #expect(!problem.offers.contains { $0.terms.kind == .superiority })
        // Nor does it begin at a person's word.
        let terms = ComparisonTerms(kind: .superiority, minimumEffect: 0.1)
        await #expect(throws: CommandRefusal.self) { try await test.command(.approve, terms: terms) }
        #expect(test.loop.view.stateName == "awaitingApproval")
    }

    @Test("Ratings that are all the best leave nothing to be better by")
    func best() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        for day in 1..<10 { try await Self.log(test, daysAgo: day, units: (0..<200).map { "u\($0)" }, areBest: true) }
        let problem = try #require(try await test.loop.planProblem(Self.report(), at: test.now))
        #expect(problem.reason.hasSuffix("so that none could be better"))
        #expect(problem.offers.map(\.terms.kind) == [.shadow] && problem.smallestMargin == nil)
    }

    @Test("Ratings of requests that name no unit are none that an experiment could count")
    func unnamed() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        for day in 0..<13 {
            let named: [String?] = (0..<15).map { "u\(day * 15 + $0)" }
            try await Self.log(test, daysAgo: day, units: named + [String?](repeating: nil, count: 400))
        }
        let problem = try #require(try await test.loop.planProblem(Self.report(), at: test.now))
        #expect(problem.reason.contains("even a gain of 10"), "\(problem.reason)")
    }

    @Test("Of a person as many ratings count a day as nine of ten give who rate on one", arguments: [(1, 2), (5, 5)])
    func ratingsPerDay(each: Int, most: Int) async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 0)
        let first = try await test.loop.experimentDesign(at: test.now)
        #expect(first.ratingsPerUnitPerDay == 10 && first.requestsPerUnitPerDay == 100)
        for day in 0..<7 {
            let units = (0..<40).flatMap { [String?](repeating: "u\($0)", count: each) }
            try await Self.log(test, daysAgo: day, units: units + [String?](repeating: "busy", count: 30))
        }
        // Before the week nobody rated so often.
        try await Self.log(test, daysAgo: 9, units: [String?](repeating: "busy", count: 300))
        let design = try await test.loop.experimentDesign(at: test.now)
        #expect(design.ratingsPerUnitPerDay == most && design.ratingsPerRaterPerDay == most)
        #expect(design.requestsPerUnitPerDay == 10)
    }
}
