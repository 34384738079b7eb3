import Experimentation
import Statistics
import Testing
import Values

@Suite("Experiment bursts: newcomers' ratings wait, and count or are set aside")
struct ExperimentBurstTests {
    private static let hour = 3600.0

    private static func design(limit: Int = 20) -> ExperimentDesign {
        ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 1, leastStepUnits: 1, longestSeconds: 1e9,
            minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5, errorMargin: 0.02,
            burstLimits: BurstLimits(hourly: [Int](repeating: limit, count: 24)))
    }

    private static func arm(_ unit: Int) -> ExperimentData.Arm { unit % 2 == 0 ? .candidate : .incumbent }

    /// A unit that is asked for, is answered and rates.
    private static func rate(
        _ data: inout ExperimentData, _ unit: Int, _ score: Double, at seconds: Double,
        of interaction: Int64? = nil, sequence: Int64 = 1
    ) {
        data.rate(
            .init(
                unit: "u\(unit)", arm: arm(unit), rater: "u\(unit)", interaction: interaction ?? Int64(unit),
                score: score,
                time: Int64(seconds * 1000), sequence: sequence, receivedSeconds: seconds))
    }

    private static func enrol(_ data: inout ExperimentData, _ unit: Int, isNew: Bool = true) {
        data.enrol(unit: "u\(unit)", in: arm(unit), isNewcomer: isNew)
        data.serve(
            unit: "u\(unit)", arm: arm(unit), RequestOutcome(failed: false, latencyMilliseconds: 100), interaction: 0,
            receivedSeconds: 0)
    }

    @Test("Few newcomers count after six hours, in the bet with their first value and in the mean with their last")
    func released() {
        var data = ExperimentData(design: Self.design())
        Self.enrol(&data, 0, isNew: false)
        Self.rate(&data, 0, 1, at: 10)
        for unit in [2, 4] { Self.enrol(&data, unit) }
        Self.rate(&data, 2, 1, at: 20)
        Self.rate(&data, 4, 0, at: 30)
        Self.rate(&data, 2, 0, at: 40, sequence: 2)
        data.beginLook(elapsedSeconds: Self.hour)
        #expect(data.candidate.summary.ratings == 1 && data.candidate.newScores == [1])
        #expect(data.candidate.waitingRatings == 2 && data.candidate.waitingUnits == 2)
        // Their requests could not be rated yet; what is rated is a share of the others'.
        #expect(data.candidate.ratedPerRequest.ratings == 1 && data.candidate.requests == 3)
        data.endLook()
        data.beginLook(elapsedSeconds: 6 * Self.hour)
        #expect(data.candidate.summary.ratings == 3 && data.candidate.summary.mean == 1.0 / 3)
        #expect(data.candidate.newScores == [1, 0])
        #expect(data.candidate.waitingRatings == 0 && data.candidate.ratedPerRequest.ratings == 3)
        #expect(data.candidate.aside.ratings == 0 && data.bursts.isEmpty)
        data.endLook()
        // From then on a newcomer is like anybody.
        Self.rate(&data, 2, 1, at: 7 * Self.hour, of: 77)
        #expect(data.candidate.summary.ratings == 4)
    }

    @Test("A crowd is set aside with all that it says later; one that is not enrolled is counted too")
    func crowd() {
        var data = ExperimentData(design: Self.design())
        for unit in 0..<4 {
            Self.enrol(&data, unit, isNew: false)
            Self.rate(&data, unit, 1, at: 10)
        }
        for unit in 10..<20 {
            Self.enrol(&data, unit)
            Self.rate(&data, unit, 0, at: 20)
        }
        for other in 0..<11 { data.arrive(newcomer: "elsewhere \(other)", receivedSeconds: 3000) }
        data.beginLook(elapsedSeconds: Self.hour)
        for arm in [data.candidate, data.incumbent] {
            #expect(arm.summary.ratings == 2 && arm.summary.mean == 1)
            #expect(arm.aside.ratings == 5 && arm.aside.mean == 0 && arm.waitingRatings == 0)
            #expect(arm.requests == 7 && arm.ratedPerRequest.ratings == 2)
        }
        #expect(data.bursts.map { [$0.from, $0.until, Double($0.newcomers)] } == [[0, Self.hour, 21]])
        // Whoever came with it and is enrolled later, or rates again, stays out.
        data.enrol(unit: "elsewhere 3", in: .candidate, isNewcomer: true)
        data.serve(
            unit: "elsewhere 3", arm: .candidate, RequestOutcome(failed: false, latencyMilliseconds: 100),
            interaction: 0, receivedSeconds: 0)
        data.rate(
            .init(
                unit: "elsewhere 3", arm: .candidate, rater: "elsewhere 3", interaction: 900, score: 0, time: 1,
                sequence: 1, receivedSeconds: 90 * Self.hour))
        Self.rate(&data, 10, 0, at: 90 * Self.hour, of: 901)
        data.beginLook(elapsedSeconds: 100 * Self.hour)
        #expect(data.candidate.summary.ratings == 2 && data.candidate.aside.ratings == 7)
        #expect(data.candidate.ratedPerRequest.ratings == 2)
    }

    @Test("New raters of others' answers wait likewise, and take no place of the unit's day before they count")
    func raters() {
        var data = ExperimentData(design: Self.design(limit: 3))
        Self.enrol(&data, 0, isNew: false)
        for (number, seconds) in [10.0, 20, 30, 40].enumerated() {
            data.rate(
                .init(
                    unit: "u0", arm: .candidate, rater: "stranger \(number)", interaction: 0, score: 0, time: 1,
                    sequence: Int64(number), receivedSeconds: seconds, isByNewcomer: true))
        }
        data.rate(
            .init(
                unit: "u0", arm: .candidate, rater: "late", interaction: 0, score: 1, time: 1, sequence: 9,
                receivedSeconds: 8 * Self.hour, isByNewcomer: true))
        Self.rate(&data, 0, 1, at: 50)
        data.beginLook(elapsedSeconds: 9 * Self.hour)
        #expect(data.candidate.summary.ratings == 1 && data.candidate.aside.ratings == 4)
        #expect(data.candidate.waitingRatings == 1 && data.candidate.waitingUnits == 1)
        // The unit itself was there: its request could be rated all the while.
        #expect(data.candidate.ratedPerRequest.ratings == 1)
        data.beginLook(elapsedSeconds: 14 * Self.hour)
        #expect(data.candidate.summary.ratings == 2 && data.candidate.summary.mean == 1)
    }

    @Test("Who is set aside does not depend on any value, nor on the arm")
    func values() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let comers = (0..<150).map { (unit: $0, at: generator.uniform() * 48 * Self.hour) }.sorted { $0.at < $1.at }
            var counts: Set<[Int]> = []
            for play in 0..<4 {
                var data = ExperimentData(design: Self.design(limit: 22))
                for (number, comer) in comers.enumerated() {
                    // Another play has the arms exchanged, or other values.
                    let unit = comer.unit + (play == 3 ? 1 : 0)
                    Self.enrol(&data, unit)
                    let score = [0, 1, generator.uniform(), 0.5][play]
                    Self.rate(&data, unit, score, at: comer.at, of: Int64(number))
                }
                for hour in 1...60 { data.beginLook(elapsedSeconds: Double(hour) * Self.hour) }
                let arms = [data.candidate, data.incumbent]
                let sides = play == 3 ? Array(arms.reversed()) : arms
                counts.insert(sides.flatMap { [$0.summary.ratings, $0.aside.ratings] } + data.bursts.map(\.newcomers))
                #expect(arms.reduce(0) { $0 + $1.summary.ratings + $1.aside.ratings } == 150)
            }
            #expect(counts.count == 1, "seed \(seed)")
        }
    }

    @Test("Where newcomers are set aside altogether nobody waits; a design from before this was kept sets nobody aside")
    func designs() throws {
        var both = Self.design()
        both.setsNewcomersAside = true
        var data = ExperimentData(design: both)
        Self.enrol(&data, 0)
        Self.rate(&data, 0, 1, at: 10)
        data.beginLook(elapsedSeconds: Self.hour)
        #expect(data.candidate.aside.ratings == 1 && data.candidate.waitingRatings == 0)
        let design = Self.design()
        guard case .object(var object) = try StrictJSON.encode(design) else { return }
        #expect(try StrictJSON.decode(ExperimentDesign.self, from: .object(object)) == design)
        object["burstLimits"] = nil
        #expect(try StrictJSON.decode(ExperimentDesign.self, from: .object(object)).burstLimits == nil)
    }
}
