import Experimentation
import Statistics
import Testing

@Suite("Who rates the answers to others")
struct RaterClusterTests {
    private static let design = ExperimentDesign(
        alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 0, leastStepUnits: 0, longestSeconds: 28 * 86_400,
        minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5, errorMargin: 0.02,
        ratingsPerRaterPerDay: 1000, ratingsPerUnitPerDay: 1000)

    private struct Said {
        var unit: Int
        var rater: String
        var score: Double

        var arm: ExperimentData.Arm { unit % 2 == 0 ? .candidate : .incumbent }
    }

    /// - Parameter sequence: of what one rater says of an interaction the last counts.
    private static func rate(
        _ data: inout ExperimentData, _ said: Said, of interaction: Int, day: Int = 0, sequence: Int = 0
    ) {
        data.rate(
            .init(
                unit: "u\(said.unit)", arm: said.arm, rater: said.rater, interaction: Int64(interaction),
                score: said.score, time: 0, sequence: Int64(sequence),
                receivedSeconds: Double(day) * 86_400))
    }

    private static func sequence(_ data: ExperimentData, _ raters: RaterClusters? = nil) -> ConfidenceSequence? {
        ConfidenceSequence.difference(
            data.candidate.summary, data.incumbent.summary, alpha: 0.05, tuning: 1000,
            raters: raters ?? data.raterClusters)
    }

    /// By the definition, from all that was said; sums of hundreds of parts, so that they agree to 1e-12.
    @Test(
        "They add to the squared error what the squares of their sums are more than those of their units",
        arguments: 0..<20)
    func definition(run: Int) throws {
        var generator = SeededGenerator.stream(seed: 5, index: UInt64(run))
        var data = ExperimentData(design: Self.design)
        for unit in 0..<60 { data.enrol(unit: "u\(unit)", in: Said(unit: unit, rater: "", score: 0).arm) }
        var said: [Int: Said] = [:]
        var sequence = 0
        for day in 0..<20 {
            for _ in 0..<40 {
                let isNew = said.isEmpty || generator.chance(0.8)
                let interaction = isNew ? said.count : generator.index(below: said.count)
                var opinion = said[interaction] ?? Said(unit: generator.index(below: 60), rater: "", score: 0)
                if isNew {
                    // Some rate much, some both arms, and each unit itself.
                    let rater = min(generator.index(below: 8), generator.index(below: 8))
                    opinion.rater = rater < 3 ? "u\(opinion.unit)" : "r\(rater)"
                }
                opinion.score = Double(generator.index(below: 5)) / 4
                if opinion.rater == "r3", opinion.arm == .candidate { opinion.score = 0 }
                said[interaction] = opinion
                sequence += 1
                Self.rate(&data, opinion, of: interaction, day: day, sequence: sequence)
            }
        }
        data.leaveOut(unit: "u7", of: .incumbent)
        data.leaveOut(unit: "u8", of: .candidate)
        Self.rate(&data, Said(unit: 7, rater: "r3", score: 1), of: 10_000, day: 20)
        let counted = said.values.filter { ![7, 8].contains($0.unit) }
        let arms = [ExperimentData.Arm.incumbent, .candidate].map { arm in counted.filter { $0.arm == arm } }
        let means = arms.map { $0.reduce(0) { $0 + $1.score } / Double($0.count) }
        var parts: [String: [Int: Double]] = [:]
        for opinion in counted where opinion.rater != "u\(opinion.unit)" {
            let arm = opinion.arm == .candidate ? 1 : 0
            let part = (opinion.score - means[arm]) / Double(arms[arm].count) * (arm == 1 ? 1 : -1)
            parts[opinion.rater, default: [:]][opinion.unit, default: 0] += part
        }
        var more = 0.0
        for units in parts.values {
            let sum = units.values.reduce(0, +)
            more += sum * sum - units.values.reduce(0) { $0 + $1 * $1 }
        }
        let with = try #require(Self.sequence(data))
        let without = try #require(Self.sequence(data, RaterClusters()))
        let added = with.standardError * with.standardError - without.standardError * without.standardError
        #expect(abs(added - max(0, more)) < 1e-12 && with.difference == without.difference)
        #expect(more > 0)
    }

    @Test("One person who gives one arm nothing shows nothing; as many as there are units do")
    func onePerson() throws {
        func played(raters: Int) -> ConfidenceSequence? {
            var data = ExperimentData(design: Self.design)
            for unit in 0..<200 {
                data.enrol(unit: "u\(unit)", in: Said(unit: unit, rater: "", score: 0).arm)
                Self.rate(&data, Said(unit: unit, rater: "u\(unit)", score: unit % 10 < 7 ? 1 : 0), of: unit)
            }
            for number in 0..<100 {
                let unit = number * 2
                Self.rate(
                    &data, Said(unit: unit, rater: "r\(number % raters)", score: 0), of: unit, day: number / 10)
            }
            return Self.sequence(data)
        }
        let (one, many) = (try #require(played(raters: 1)), try #require(played(raters: 100)))
        #expect(one.difference == many.difference && many.upper < 0)
        // A shift of its own making is no more than one of its standard errors, up to the share that others have of the mean.
        #expect(one.upper > 0 && abs(one.difference) < 2.1 * one.standardError)
    }

    /// Agents who answer for their own customers, each as strict as they are: 200 runs, of which 5 % may miss at some look;
    /// 10 % is three standard errors above that. What they cost is a wider interval.
    @Test("Where raters treat the arms alike the truth is missed no more often than it may be")
    func honestRaters() throws {
        var (missed, wider, looks) = (0, 0.0, 0)
        for run in 0..<200 {
            var generator = SeededGenerator.stream(seed: 17, index: UInt64(run))
            var data = ExperimentData(design: Self.design)
            let strictness = (0..<8).map { _ in 0.4 + 0.5 * generator.uniform() }
            var agents: [Int] = []
            var interaction = 0
            var isMissed = false
            for day in 0..<20 {
                for unit in agents.count..<(agents.count + 30) {
                    data.enrol(unit: "u\(unit)", in: Said(unit: unit, rater: "", score: 0).arm)
                    agents.append(generator.index(below: strictness.count))
                }
                for _ in 0..<60 {
                    let unit = generator.index(below: agents.count)
                    let agent = agents[unit]
                    let score = generator.chance(strictness[agent]) ? 1.0 : 0
                    interaction += 1
                    Self.rate(
                        &data, Said(unit: unit, rater: "agent \(agent)", score: score), of: interaction, day: day)
                }
                guard min(data.candidate.summary.ratedUnits, data.incumbent.summary.ratedUnits) >= 50,
                    let sequence = Self.sequence(data), let plain = Self.sequence(data, RaterClusters())
                else { continue }
                if sequence.lower > 0 || sequence.upper < 0 { isMissed = true }
                wider += (sequence.upper - sequence.lower) / (plain.upper - plain.lower)
                looks += 1
            }
            if isMissed { missed += 1 }
        }
        print(
            "measured: honest raters missed the truth in \(missed) of 200 runs, intervals wider by \(wider / Double(looks))"
        )
        #expect(missed <= 20 && looks > 2000)
    }
}
