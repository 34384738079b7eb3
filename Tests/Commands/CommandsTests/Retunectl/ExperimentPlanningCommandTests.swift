import API
import Experimentation
import LoopbackServer
import Testing
import Values
import retunectl

@Suite("RetunectlPlanning: ab plan and ab simulate on a deployment's log")
struct ExperimentPlanningCommandTests {
    /// 200 units that ask once a day for ten days and rate every answer, seven of ten of them good.
    private static let traffic: [TrafficRow] = (0..<2000).map { number in
        let time = RetunectlExamples.hours(Double(number) * 0.12)
        let unit = "u-\(number % 200)"
        return TrafficRow(
            seq: number + 1, unit: unit, time: time, failed: number % 97 == 0, latencyMilliseconds: 80,
            scores: [.init(rater: unit, score: (number * 7 + number / 200 * 3) % 10 < 7 ? 1 : 0, received: time)])
    }

    private static var plan: PlanView {
        let design = RetunectlExamples.experiment().design
        return PlanView(
            feasible: true, days: 12.5, longestDays: 28, minimumEffect: 0.02, logDays: 10, requestsPerDay: 200,
            unitsPerDay: 200, ratingsPerDay: 200, ratedShare: 1, mean: 0.7, ratingsNeeded: 4200, smallestEffect: 0.11,
            harm: [PlannedHarmView(difference: -0.15, candidates: 45, days: 6.5, stopped: 0.86)],
            options: ["ask for a larger effect"], detail: "A difference of 0.02 takes too long here.", alpha: 0.05,
            harmAlpha: 0.2, tuning: 1000, ramp: [5, 25, 50], lookSeconds: 3600, design: design)
    }

    private static func server(_ traffic: [TrafficRow]) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = connection.readRequest() {
                guard let after = request.target.firstMatch(of: /\/v1\/deployments\/a\/traffic\?after=(\d+)/) else {
                    let isPlan = request.target == "/v1/deployments/a/plan"
                    connection.respond(
                        status: isPlan ? 200 : 404, body: (try? StrictJSON.encodeBytes(plan)) ?? [])
                    continue
                }
                let rows = traffic.drop { $0.seq <= Int(after.1) ?? 0 }.prefix(10_000)
                connection.respond(
                    status: 200, body: rows.flatMap { ((try? StrictJSON.encodeBytes($0)) ?? []) + [0x0A] })
            }
        }
    }

    private static func run(
        _ arguments: [String], on traffic: [TrafficRow] = traffic
    ) throws -> RetunectlProcess.Ending {
        let server = try server(traffic)
        defer { server.close() }
        return try RetunectlProcess.run(["ab"] + arguments + ["-d", "a", "--url", server.url], environment: [:])
    }

    @Test("plan says what can be decided, what harm is stopped, and what would help")
    func plans() throws {
        let ending = try Self.run(["plan"])
        #expect(ending.status == 0, "\(ending.errors)")
        for words in ["takes too long here", "12.5 days", "0.11", "-0.15", "86%", "45", "ask for a larger effect"] {
            #expect(ending.output.contains(words), "\(words): \(ending.output)")
        }
        var asking = Self.plan
        asking.design.approvalSteps = [3]
        #expect(
            Screen.plan(asking).contains(
                "\n  asks             step 3 waits for a person's word, which is taken to come at once\n"))
        #expect(!ending.output.contains("person"))
    }

    @Test("simulate plays each difference on the log; the same seed plays the same")
    func simulates() throws {
        let arguments = ["simulate", "--runs", "20", "--effect", "0", "--effect", "-0.6", "--effect", "0.25", "--json"]
        let ending = try Self.run(arguments)
        #expect(ending.status == 0, "\(ending.errors)")
        let view = try StrictJSON.decode(SimulationView.self, parsing: Array(ending.output.utf8))
        #expect(view.rows.map(\.effect) == [0, -0.6, 0.25] && view.rows.allSatisfy { $0.runs == 20 })
        #expect(view.units == 200 && view.requests == 2000 && view.ratings == 2000)
        #expect(abs(view.mean - 0.7) < 0.02)
        // Six in ten good answers fewer cannot stay unseen, nor be promoted; no difference hardly ever is.
        #expect(view.rows[1].stoppedForHarm + view.rows[1].futile >= 19 && view.rows[1].promoted == 0)
        #expect(view.rows[0].promoted <= 4 && view.rows[2].promoted > view.rows[0].promoted)
        for row in view.rows {
            let ends = row.promoted + row.stoppedForHarm + row.futile + row.undecided
            #expect(ends == 20 && row.promotedInterval.count == 2)
        }
        #expect(try Self.run(arguments).output == ending.output)
        var asking = view
        asking.approvalSteps = [2, 3]
        #expect(Screen.simulation(asking).contains("\nOf the ramp, steps 2 and 3 wait for a person's word, which is"))
        #expect(!Screen.simulation(view).contains("person"))
        let people = try Self.run(["simulate", "--runs", "2", "--effect", "0"])
        #expect(people.status == 0 && people.output.contains("stopped for harm"))
    }

    @Test("What cannot be played is refused with a sentence")
    func refuses() throws {
        for (arguments, traffic, status, words) in [
            (["simulate", "--effect", "0.9"], Self.traffic, 1, "cannot be planted"),
            (["simulate", "--effect", "2"], Self.traffic, 1, "between -1 and 1"),
            (["simulate", "--runs", "0"], Self.traffic, 1, "--runs"),
            (["simulate"], [], 3, "two units have to rate"),
            (["simulate"], Array(Self.traffic.prefix(1)), 3, "two units have to rate"),
        ] as [([String], [TrafficRow], Int32, String)] {
            let ending = try Self.run(arguments, on: traffic)
            #expect(ending.status == status && ending.errors.contains(words), "\(arguments): \(ending)")
        }
    }
}
