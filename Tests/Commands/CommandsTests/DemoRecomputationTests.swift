import Experimentation
import Testing
import Values
import retuned_demo

@Suite("DemoRecomputation: looks worked out again agree with the experiment's own")
struct DemoRecomputationTests {
    private static func check(_ played: PlayedExperiment) throws -> Recomputation.Check {
        try Recomputation.check(
            view: played.view, assignments: played.assignments, difficulties: played.difficulties,
            newcomers: played.newcomers, ratings: played.ratings, requests: played.requests)
    }

    @Test("Units that an erasure took are told of")
    func erased() throws {
        var played = try PlayedExperiment.play()
        #expect(try Self.check(played).explanation == nil)
        played.assignments.removeFirst(7)
        #expect(try Self.check(played).explanation?.contains("7 of 200 units are gone") == true)
    }

    @Test("Every end of an experiment is worked out again")
    func agrees() throws {
        let cases = try PlayedExperiment.everyEnd()
        for (end, played) in cases {
            #expect(played.decisions.last == end)
            let check = try Self.check(played)
            #expect(check.looks == 20)
            #expect(check.agreeing == 20, "\(end): \(check.problems.prefix(5))")
        }
        #expect(cases[0].played.decisions.contains(.advance))
        #expect(cases[4].played.decisions.contains(.holdForSampleRatio))
        #expect(cases[10].played.decisions.contains(.holdForSignal))
    }

    @Test("Newcomers wait, come in, or are set aside on both sides alike; who came is in it")
    func bursts() throws {
        var played = try PlayedExperiment.play(good: (0.5, 0.85), unitCap: 4, haveBurst: true)
        #expect(played.waiting.contains { $0 > 10 } && played.aside > 10)
        #expect(try Self.check(played).agreeing == 20)
        // Without those who are not enrolled there is no burst.
        played.newcomers.removeAll()
        #expect(try Self.check(played).agreeing < 20)
    }

    @Test("The difficulty of first queries is taken in where it is known of all, on both sides alike")
    func difficulty() throws {
        let played = try PlayedExperiment.play(good: (0.6, 0.75), asksDifficulty: true)
        let looks = try #require(played.view["looks"]?.arrayValue)
        #expect(looks.map { $0["difficulty"] == true } == (0..<20).map { $0 != 3 && $0 != 4 })
        #expect(try Self.check(played).agreeing == 20)
        for name in ["difficulty", "varianceKept", "difference"] {
            let changed = try PlayedExperiment.play(asksDifficulty: true, changed: (name, -0.001))
            #expect(try Self.check(changed).agreeing < 20, "\(name)")
        }
        // One unit of whom it is not known any more: its later looks are taken without.
        var without = played
        without.difficulties.removeAll { $0["unit"] == "u41" }
        #expect(try Self.check(without).agreeing < 20)
    }

    @Test("Whatever the scale, its values are scored as published", arguments: PlayedExperiment.PlayedScale.others)
    func scales(_ scale: PlayedExperiment.PlayedScale) throws {
        let check = try Self.check(try PlayedExperiment.play(good: (0.5, 0.85), scale: scale))
        #expect(check.looks == 20)
        #expect(check.agreeing == 20, "\(check.problems.prefix(5))")
    }

    @Test("Earlier ratings that are all alike explain nothing, on either side")
    func alikeHistory() throws {
        let check = try Self.check(try PlayedExperiment.play(isHistoryAlike: true))
        #expect(check.looks == 20)
        #expect(check.agreeing == 20, "\(check.problems.prefix(5))")
    }

    @Test(
        "Each figure that was moved is found",
        arguments: PlayedExperiment.figures)
    func finds(name: String) throws {
        let check = try Self.check(try PlayedExperiment.play(changed: (name, -0.001)))
        #expect(check.agreeing < check.looks, "\(name)")
    }

    @Test("Each figure of a metric that was moved is found", arguments: ["worsening", "metricLower", "metricUpper"])
    func findsOfMetrics(name: String) throws {
        let check = try Self.check(
            try PlayedExperiment.play(
                metrics: PlayedExperiment.watched + [PlayedExperiment.faster()], changed: (name, -0.001)))
        #expect(check.agreeing < check.looks, "\(name)")
    }

    @Test("A rating that was changed afterwards is found in the bet as well")
    func findsAChangedRating() throws {
        var played = try PlayedExperiment.play()
        let first = try #require(played.ratings.first?["value"]?.doubleValue)
        if case .object(var object) = played.ratings[0] {
            object["value"] = .number(1 - first)
            played.ratings[0] = .object(object)
        }
        #expect(try Self.check(played).problems.contains { $0.contains("harm wealth") })
    }
}
