import Experimentation
import Statistics
import Testing

/// Shadow replay: error rates with a look after each judgement, power, and what decides nothing.
@Suite("Experiment by shadow replay")
struct ExperimentShadowTests {
    private static let design = ShadowDesign(
        alpha: 0.05, harmAlpha: 0.1, burnInUnits: 20, tuning: 100, longestSeconds: 1000)

    /// Judgements by their chances: better, alike, else worse.
    private static func play(
        better: Double, alike: Double, pairs: Int, perUnit: Int = 1, seed: UInt64, run: Int
    ) -> ShadowLook {
        var generator = SeededGenerator.stream(seed: seed, index: UInt64(run))
        var replay = ShadowReplay(design: design)
        var judged: [ShadowPair] = (0..<pairs).map { ShadowPair(unit: "u\($0 / perUnit)") }
        var look = replay.look(judged, isComplete: false, elapsedSeconds: 0)
        var value = 0.5
        for number in 0..<pairs {
            // Units with several pairs judge them all alike: nothing is as far from independent.
            if number % perUnit == 0 {
                let draw = generator.uniform()
                value = draw < better ? 1 : draw < better + alike ? 0.5 : 0
            }
            judged[number].judgements = [value]
            look = replay.look(judged, isComplete: true, elapsedSeconds: 0)
            if look.decision != .goOn { break }
        }
        return look
    }

    @Test(
        "Without a difference, with a look after each judgement, both decisions keep their rates",
        arguments: [(0.5, 0.0, 1), (0.1, 0.8, 1), (0.3, 0.4, 3)])
    func errorRates(better: Double, alike: Double, perUnit: Int) {
        let runs = 300
        var (promoted, harmed) = (0, 0)
        for run in 0..<runs {
            switch Self.play(better: better, alike: alike, pairs: 240, perUnit: perUnit, seed: 7, run: run).decision {
            case .promote: promoted += 1
            case .stopForHarm: harmed += 1
            case .goOn, .undecided: break
            }
        }
        func bound(_ count: Int) -> Double {
            BinomialBounds.lower(successes: count, trials: runs, confidence: 0.999)
        }
        #expect(bound(promoted) <= Self.design.alpha / 2, "\(promoted) of \(runs)")
        #expect(bound(harmed) <= Self.design.harmAlpha, "\(harmed) of \(runs)")
    }

    @Test("A better candidate is promoted, a worse one stopped, and sooner than a promotion would be")
    func power() {
        let runs = 60
        let gains = (0..<runs).map { Self.play(better: 0.5, alike: 0.3, pairs: 300, seed: 8, run: $0) }
        #expect(gains.count { $0.decision == .promote } >= 50)
        let harms = (0..<runs).map { Self.play(better: 0.2, alike: 0.3, pairs: 300, seed: 9, run: $0) }
        #expect(harms.count { $0.decision == .stopForHarm } >= 55)
        let used = { (looks: [ShadowLook]) in looks.map(\.judgedPairs).sorted()[runs / 2] }
        #expect(used(harms) < used(gains), "\(used(harms)) against \(used(gains))")
    }

    /// The offer leaves the imagined units and the factor for few units out, which ask for up to 3 points more.
    @Test("The share that the offer names is about the one that promotes", arguments: [60, 150, 400])
    func decidingMean(pairs: Int) throws {
        let design = ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 60, leastStepUnits: 10, longestSeconds: 1000,
            minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5, errorMargin: 0.02)
        let named = try #require(ShadowReplay.decidingMean(pairs: pairs, design))
        let least = try #require(
            (pairs / 2...pairs).first { better in
                var replay = ShadowReplay(
                    design: ShadowDesign(
                        alpha: design.alpha, harmAlpha: design.harmAlpha, burnInUnits: design.burnInUnits,
                        tuning: max(50, Double(pairs) / 2), longestSeconds: design.longestSeconds))
                let judged = (0..<pairs).map { ShadowPair(unit: "u\($0)", judgements: [$0 < better ? 1 : 0]) }
                return replay.look(judged, isComplete: true, elapsedSeconds: 0).decision == .promote
            })
        let difference = Double(least) / Double(pairs) - named
        #expect(difference > -0.01 && difference < 0.03, "\(named) against \(least) of \(pairs)")
        #expect(ShadowReplay.decidingMean(pairs: 49, design) == nil)
    }

    @Test("All alike decides nothing and ends undecided when the last pair is judged")
    func alike() {
        var replay = ShadowReplay(design: Self.design)
        var pairs = (0..<60).map { ShadowPair(unit: "u\($0)") }
        for number in pairs.indices {
            pairs[number].judgements = [0.5]
            let look = replay.look(pairs, isComplete: true, elapsedSeconds: 0)
            #expect(look.decision == (number == 59 ? .undecided : .goOn))
            #expect(look.mean == 0.5)
        }
    }

    @Test("Unanimous judges decide after the burn-in; decided stays decided")
    func unanimous() {
        var replay = ShadowReplay(design: Self.design)
        var pairs = (0..<60).map { ShadowPair(unit: "u\($0)") }
        for number in 0..<19 { pairs[number].judgements = [1] }
        #expect(replay.look(pairs, isComplete: true, elapsedSeconds: 0).decision == .goOn)
        pairs[19].judgements = [1]
        let decided = replay.look(pairs, isComplete: true, elapsedSeconds: 0)
        #expect(decided.decision == .promote && decided.judgedUnits == 20)
        for number in pairs.indices { pairs[number].judgements = [0] }
        #expect(replay.look(pairs, isComplete: true, elapsedSeconds: 5000) == decided)
    }

    @Test("Judges of a pair are one opinion; time, or that there is nothing to judge, ends it undecided")
    func ends() {
        #expect(ShadowPair(unit: "u", judgements: [1, 0.5, 0]).judgement == 0.5)
        #expect(ShadowReplay.judgement(candidate: 0.8, incumbent: 0.3) == 0.75)
        var replay = ShadowReplay(design: Self.design)
        #expect(replay.look([], isComplete: false, elapsedSeconds: 999).decision == .goOn)
        #expect(replay.look([], isComplete: false, elapsedSeconds: 1000).decision == .undecided)
        var empty = ShadowReplay(design: Self.design)
        #expect(empty.look([], isComplete: true, elapsedSeconds: 0).decision == .undecided)
    }
}
