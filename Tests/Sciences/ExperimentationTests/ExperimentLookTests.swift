import Experimentation
import Foundation
import Statistics
import Testing

@Suite("Experiment looks")
struct ExperimentLookTests {
    private let design = ExperimentDesign(
        alpha: 0.05, harmAlpha: 0.2, steps: [0.05, 0.25, 0.5], leastStepSeconds: 100, leastStepUnits: 50,
        longestSeconds: 10_000, minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5,
        errorMargin: 0.02)

    /// An arm of so many units with four ratings each, of which a share is good.
    private func arm(_ name: String, units: Int, good: Double, seed: UInt64, failing: Double = 0) -> ArmData {
        var generator = SeededGenerator(seed: seed)
        var arm = ArmData()
        for unit in 0..<units {
            arm.enrol(unit: "\(name)-\(unit)")
            for _ in 0..<4 {
                arm.rate(unit: "\(name)-\(unit)", score: generator.chance(good) ? 1 : 0)
                arm.serve(
                    unit: "\(name)-\(unit)",
                    RequestOutcome(
                        failed: generator.chance(failing),
                        latencyMilliseconds: 80 + 20 * generator.uniform()))
            }
        }
        return arm
    }

    @Test("Nothing is promoted on nothing, on constants or before the burn-in")
    func nothing() {
        var experiment = Experiment(design: design)
        #expect(experiment.look(elapsedSeconds: 1, incumbent: ArmData(), candidate: ArmData()).decision == .goOn)
        let good = arm("a", units: 60, good: 1, seed: 1)
        #expect(experiment.look(elapsedSeconds: 2, incumbent: good, candidate: good).decision == .goOn)
        var other = Experiment(design: design)
        let few = other.look(
            elapsedSeconds: 3, incumbent: arm("a", units: 30, good: 0.1, seed: 1),
            candidate: arm("b", units: 30, good: 0.95, seed: 2))
        #expect(few.decision == .goOn)
    }

    @Test("A better candidate is promoted, and the decision does not un-take itself")
    func promotion() throws {
        var experiment = Experiment(design: design)
        let control = arm("a", units: 300, good: 0.5, seed: 1)
        let look = experiment.look(
            elapsedSeconds: 500, incumbent: control, candidate: arm("b", units: 300, good: 0.75, seed: 2))
        #expect(look.decision == .promote)
        let lower = try #require(look.lower)
        #expect(lower > 0)
        // Each arm's own interval holds its mean, and together they are wider than the difference's.
        let arms = [look.incumbent, look.candidate]
        for arm in arms {
            let (mean, low, high) = (try #require(arm.mean), try #require(arm.lower), try #require(arm.upper))
            #expect(low < mean && mean < high)
        }
        let reach = arms.map { ($0.upper ?? 0) - ($0.mean ?? 0) }
        let difference = (look.upper ?? 0) - (look.difference ?? 0)
        #expect(difference > reach.max() ?? 1 && difference < reach[0] + reach[1])
        let later = experiment.look(
            elapsedSeconds: 600, incumbent: control, candidate: arm("b", units: 300, good: 0.1, seed: 2))
        #expect(later.decision == .promote)
        let data = try JSONEncoder().encode(experiment)
        #expect(try JSONDecoder().decode(Experiment.self, from: data) == experiment)
    }

    @Test("Paused, harm stops it and nothing else is decided; resumed, it decides")
    func paused() {
        let control = arm("a", units: 300, good: 0.5, seed: 1)
        let better = arm("b", units: 300, good: 0.75, seed: 2)
        var experiment = Experiment(design: design)
        for elapsed in [50.0, 500, 20_000] {
            let look = experiment.look(
                elapsedSeconds: elapsed, incumbent: control, candidate: better, isPaused: true)
            #expect(look.decision == .goOn && look.isPaused && experiment.step == 0)
        }
        #expect(experiment.look(elapsedSeconds: 600, incumbent: control, candidate: better).decision == .promote)
        var harmful = Experiment(design: design)
        let harm = harmful.look(
            elapsedSeconds: 10, incumbent: arm("a", units: 200, good: 0.8, seed: 1),
            candidate: arm("b", units: 200, good: 0.5, seed: 2), isPaused: true)
        #expect(harm.decision == .stopForHarm)
    }

    @Test("A step whose sample does not come is no way on for what speaks against the candidate")
    func slowStep() {
        /// First scores are all good, so that no bet is lost; later ones of the candidate are bad.
        func arm(_ name: String, later: (Int) -> Double) -> ArmData {
            var arm = ArmData()
            for unit in 0..<20 {
                arm.enrol(unit: "\(name)-\(unit)")
                for score in [1, later(unit), later(unit)] { arm.rate(unit: "\(name)-\(unit)", score: score) }
            }
            return arm
        }
        let control = arm("a") { $0 % 5 == 0 ? 0 : 1 }
        for (share, decisions) in [
            (5, [Look.Decision.goOn, .goOn, .advance]), (1, [.goOn, .goOn, .stopForFutility]),
        ] {
            let candidate = arm("b") { $0 % 5 < share - 1 ? 1 : 0 }
            var experiment = Experiment(design: design)
            let looks = [50.0, 150, 300].map {
                experiment.look(elapsedSeconds: $0, incumbent: control, candidate: candidate)
            }
            #expect(looks.map(\.decision) == decisions, "\(looks.map(\.reason))")
            #expect((looks[1].upper ?? 0 < 0) == looks[1].reason.contains("against the candidate"))
        }
    }

    @Test("Harm, errors and a broken sample ratio each stop or hold")
    func stops() {
        let control = arm("a", units: 200, good: 0.8, seed: 1)
        var harmful = Experiment(design: design)
        let harm = harmful.look(
            elapsedSeconds: 10, incumbent: control, candidate: arm("b", units: 200, good: 0.5, seed: 2))
        #expect(harm.decision == .stopForHarm)

        // A dozen units that get errors only are enough.
        var failing = Experiment(design: design)
        let errors = failing.look(
            elapsedSeconds: 10, incumbent: arm("a", units: 15, good: 0.8, seed: 1),
            candidate: arm("b", units: 15, good: 0.8, seed: 2, failing: 1))
        #expect(errors.decision == .stopForHarm)
        #expect(errors.guardrails.first { $0.name == "errors" }?.isBroken == true)

        var skewed = Experiment(design: design)
        var many = arm("b", units: 200, good: 0.95, seed: 2)
        for unit in 200..<400 { many.enrol(unit: "b-\(unit)") }
        #expect(
            skewed.look(elapsedSeconds: 500, incumbent: control, candidate: many).decision == .holdForSampleRatio)
        #expect(
            skewed.look(elapsedSeconds: 10_000, incumbent: control, candidate: many).decision == .stopAtLongest)
    }

    @Test("Ratings that go missing in one arm promote nothing and are flagged", arguments: 0..<20)
    func missing(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 100 + seed)
        var arms = [ArmData(), ArmData()]
        for arm in 0..<2 {
            for unit in 0..<400 { arms[arm].enrol(unit: "\(arm)-\(unit)") }
            for request in 0..<1200 {
                let unit = "\(arm)-\(request % 400)"
                arms[arm].serve(unit: unit, RequestOutcome(failed: false, latencyMilliseconds: 80))
                let isGood = generator.chance(0.7)
                // All of the control's, of the candidate's 70 % of the content and 40 % of the discontent.
                guard arm == 0 || generator.chance(isGood ? 0.7 : 0.4) else { continue }
                arms[arm].rate(unit: unit, score: isGood ? 1 : 0)
            }
        }
        var experiment = Experiment(design: design)
        let look = experiment.look(elapsedSeconds: 500, incumbent: arms[0], candidate: arms[1])
        #expect(look.decision == .holdForSampleRatio)
        #expect(look.ratedSharesDiffer)
        let perRequest = try #require(look.perRequest)
        #expect(perRequest.good < 0 && perRequest.rated < 0)
        // No difference lies within what the missing ratings could make of it.
        #expect(perRequest.lowest < 0 && perRequest.highest > 0)
    }

    @Test("A lead that the requests do not show is no promotion")
    func leadOfRatingsOnly() {
        // As good by request, but a fifth of the candidate's bad ratings did not come.
        var arms = [ArmData(), ArmData()]
        for arm in 0..<2 {
            for unit in 0..<2000 { arms[arm].enrol(unit: "\(arm)-\(unit)") }
            for unit in 0..<2000 {
                arms[arm].serve(unit: "\(arm)-\(unit)", RequestOutcome(failed: false, latencyMilliseconds: 80))
                let isGood = unit % 10 < 5
                guard arm == 0 || isGood || unit % 5 != 0 else { continue }
                arms[arm].rate(unit: "\(arm)-\(unit)", score: isGood ? 1 : 0)
            }
        }
        var experiment = Experiment(design: design)
        let look = experiment.look(elapsedSeconds: 500, incumbent: arms[0], candidate: arms[1])
        #expect((look.lower ?? -1) > 0)
        #expect(look.decision != .promote)
    }

    @Test("The ramp waits for time and sample, and moves on without the sample in the end")
    func ramp() {
        var experiment = Experiment(design: design)
        var few = arm("a", units: 20, good: 0.7, seed: 1)
        var alike = arm("b", units: 20, good: 0.7, seed: 2)
        #expect(experiment.look(elapsedSeconds: 150, incumbent: few, candidate: alike).decision == .goOn)
        few.endLook()
        alike.endLook()
        let patient = experiment.look(elapsedSeconds: 300, incumbent: few, candidate: alike)
        #expect(patient.decision == .advance)
        #expect(patient.reason.contains("only 20 of 50"))
        #expect(experiment.exposure == 0.25)
        let enough = arm("a", units: 60, good: 0.7, seed: 1)
        #expect(
            experiment.look(
                elapsedSeconds: 400, incumbent: enough, candidate: arm("b", units: 60, good: 0.7, seed: 4)
            ).decision == .advance)
        #expect(experiment.exposure == 0.5)
        #expect(experiment.look(elapsedSeconds: 20_000, incumbent: few, candidate: alike).decision == .stopAtLongest)
    }
}

@Suite("Offline gate")
struct GateTests {
    /// Rows of forty units whose log-likelihoods differ by a unit's effect around `gain`.
    private func rows(_ count: Int, gain: Double, right: Double, candidateRight: Double, seed: UInt64) -> [Gate.Row] {
        var generator = SeededGenerator(seed: seed)
        let effects = (0..<40).map { _ in gain + 0.1 * generator.normal() }
        return (0..<count).map { index in
            let unit = index % 40
            let incumbent = -3 + generator.normal()
            let draw = generator.uniform()
            return Gate.Row(
                unit: "u\(unit)", weight: 0.5 + generator.uniform(), incumbent: incumbent,
                candidate: incumbent + 3 * effects[unit], tokens: 3, incumbentIsRight: draw < right,
                candidateIsRight: draw < candidateRight)
        }
    }

    private let gate = Gate(margin: 0.03, leastOldRows: 1000, comparesText: false, seed: 9)

    @Test("Gain on recent rows without loss on old ones passes; each failure says why")
    func verdicts() {
        let recent = rows(400, gain: 0.2, right: 0.5, candidateRight: 0.7, seed: 1)
        let old = rows(1200, gain: 0, right: 0.8, candidateRight: 0.8, seed: 2)
        #expect(gate.judge(recent: recent, old: old, golden: []).passed)

        let few = gate.judge(recent: recent, old: Array(old.prefix(999)), golden: [])
        #expect(!few.passed && few.reason.contains("too few old rows: 999 of 1000"))

        let level = gate.judge(
            recent: rows(400, gain: 0, right: 0.5, candidateRight: 0.5, seed: 3), old: old, golden: [])
        #expect(!level.passed && level.reason.contains("not above zero"))

        let forgetful = gate.judge(
            recent: recent, old: rows(1200, gain: 0, right: 0.8, candidateRight: 0.76, seed: 4), golden: [])
        #expect(!forgetful.passed && forgetful.reason.contains("on old rows"))
        let golden = gate.judge(
            recent: recent, old: old, golden: rows(200, gain: 0, right: 1, candidateRight: 0.9, seed: 5))
        #expect(!golden.passed && golden.reason.contains("golden"))
        #expect(!gate.judge(recent: [], old: old, golden: []).passed)
    }

    @Test("A candidate without gain passes the recent rows in about one of twenty cases")
    func errorRate() {
        var passed = 0
        let old = rows(1000, gain: 0, right: 0.8, candidateRight: 0.8, seed: 2)
        for seed in 0..<100 {
            let recent = rows(200, gain: 0, right: 0.5, candidateRight: 0.5, seed: 100 + UInt64(seed))
            if gate.judge(recent: recent, old: old, golden: []).passed { passed += 1 }
        }
        // Forty units: a percentile bootstrap errs a point or two above 5 %.
        #expect(BinomialBounds.lower(successes: passed, trials: 100, confidence: 0.999) <= 0.05, "\(passed)")
    }
}
