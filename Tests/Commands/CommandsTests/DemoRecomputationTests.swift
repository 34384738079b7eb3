import Experimentation
import Testing
import Values
import retuned_demo

@Suite("DemoRecomputation: looks worked out again agree with the experiment's own")
struct DemoRecomputationTests {
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)
    private static let design = ExperimentDesign(
        alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 10, leastStepUnits: 5, longestSeconds: 1000,
        minimumEffect: 0.02, burnInUnits: 5, tuning: 1000, latencyRatio: 1.5, errorMargin: 0.02)

    private struct Played {
        var view: JSONValue
        var assignments: [JSONValue]
        var ratings: [JSONValue]
    }

    /// 60 units, 20 ratings a look, five looks; `shifted` moves one published figure.
    private static func play(shifted: Double = 0) throws -> Played {
        var generator = SystemlessRandom()
        var arms = ["incumbent": ArmData(), "candidate": ArmData()]
        var assignments: [JSONValue] = []
        for unit in 0..<60 {
            let arm = unit % 2 == 0 ? "incumbent" : "candidate"
            arms[arm]?.enrolled += 1
            assignments.append([
                "unit": .string("u\(unit)"), "arm": .string(arm), "time": .string(start.description), "exposure": 50,
            ])
        }
        var experiment = Experiment(design: design)
        var ratings: [JSONValue] = []
        var looks: [JSONValue] = []
        for number in 0..<5 {
            for index in 0..<40 {
                let unit = Int(generator.next() % 60)
                let arm = unit % 2 == 0 ? "incumbent" : "candidate"
                let score = Double(generator.next() % 100) < (unit % 2 == 0 ? 60 : 75) ? 1.0 : 0.0
                let time = start.advanced(bySeconds: Double(number * 40 + index))
                arms[arm]?.rate(unit: "u\(unit)", score: score)
                ratings.append([
                    "unit": .string("u\(unit)"), "rater": .string("u\(unit)"),
                    "interaction": .string("i-\(number)-\(index)"), "scale": "thumb", "value": .number(score),
                    "time": .string(time.description), "received": .string(time.description),
                    "look": .integer(Int64(number)),
                ])
            }
            let look = experiment.look(
                elapsedSeconds: Double(number + 1), incumbent: arms["incumbent"] ?? ArmData(),
                candidate: arms["candidate"] ?? ArmData())
            var object = JSONObject([.init(name: "harmLogWealth", value: .number(look.harmLogWealth))])
            if let difference = look.difference, let lower = look.lower, let upper = look.upper {
                object["difference"] = .number(difference + shifted)
                object["interval"] = [.number(lower), .number(upper)]
            }
            looks.append(.object(object))
        }
        return Played(
            view: [
                "alpha": 0.05, "tuning": 1000, "started": .string(start.description), "goal": "thumb",
                "looks": .array(looks),
            ], assignments: assignments, ratings: ratings)
    }

    private static func check(_ played: Played) throws -> Recomputation.Check {
        try Recomputation.check(
            view: played.view, assignments: played.assignments, ratings: played.ratings, daySeconds: 86_400,
            ratingsPerRaterPerDay: 200)
    }

    @Test func agrees() throws {
        let check = try Self.check(try Self.play())
        #expect(check.looks == 5)
        #expect(check.agreeing == 5, "\(check.problems)")
    }

    @Test func findsAFigureThatWasMoved() throws {
        #expect(try Self.check(try Self.play(shifted: 0.001)).agreeing == 0)
    }
}

/// SplitMix64 from a fixed state.
private struct SystemlessRandom {
    private var state: UInt64 = 5

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
