import Experimentation
import Foundation
import Statistics
import Testing

@Suite("Experiment metrics: guardrails, signals, margins, approvals and units in both arms")
struct ExperimentMetricTests {
    private static func design(
        _ metrics: [MetricDesign] = [], margin: Double? = nil, approvalSteps: [Int] = []
    ) -> ExperimentDesign {
        ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.05, 0.25, 0.5], leastStepSeconds: 100, leastStepUnits: 50,
            longestSeconds: 10_000, minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5,
            errorMargin: 0.02, margin: margin, approvalSteps: approvalSteps, metrics: metrics)
    }

    private static func metric(
        _ measure: MetricDesign.Measure, quantile: Double? = nil, per: MetricDesign.Per = .request,
        better: MetricDesign.Direction = .lower, role: MetricDesign.Role = .guardrail,
        change: MetricDesign.Change = .relative, limit: Double = 0.2, scale: GoalScale? = nil
    ) -> MetricDesign {
        MetricDesign(
            name: "watched", measure: measure, scale: scale, quantile: quantile, per: per, better: better, role: role,
            change: change, limit: limit)
    }

    /// An arm of units with four requests and ratings each, that takes `factor` times as many milliseconds and tokens.
    private static func arm(
        _ design: ExperimentDesign, units: Int = 300, good: Double = 0.6, factor: Double = 1, seed: UInt64,
        leavingOut: Int = 0
    ) -> ArmData {
        var generator = SeededGenerator(seed: seed)
        var arm = ArmData(metrics: design.metrics)
        for unit in 0..<units {
            let own = 0.7 + 0.6 * generator.uniform()
            arm.enrol(unit: "\(seed)-\(unit)")
            for _ in 0..<4 {
                let size = own * factor * (50 + 100 * generator.uniform())
                let isGood = generator.chance(good)
                arm.serve(
                    unit: "\(seed)-\(unit)",
                    RequestOutcome(
                        failed: false, latencyMilliseconds: size, firstTokenMilliseconds: size / 4,
                        promptTokens: Int(size), completionTokens: Int(2 * size)))
                arm.rate(unit: "\(seed)-\(unit)", score: isGood ? 1 : 0)
                for place in design.metrics.indices where design.metrics[place].measure == .rating {
                    arm.rate(unit: "\(seed)-\(unit)", score: generator.chance(0.8 / factor) ? 1 : 0, metric: place)
                }
            }
        }
        for unit in 0..<leavingOut { arm.leaveOut(unit: "\(seed)-\(unit)") }
        return arm
    }

    private static let kinds: [MetricDesign] = [
        metric(.latency), metric(.firstToken), metric(.promptTokens, per: .unit), metric(.completionTokens),
        metric(.latency, quantile: 0.5), metric(.completionTokens, quantile: 0.9),
        metric(.latency, change: .absolute, limit: 20),
        metric(.rating, better: .higher, change: .absolute, limit: 0.1, scale: GoalScale(name: "s", worst: 0, best: 1)),
        metric(.rating, better: .higher, limit: 0.1, scale: GoalScale(name: "s", worst: 0, best: 1)),
    ]

    @Test("A guardrail of any kind stops what is worse by more than its limit, and nothing else", arguments: kinds)
    func guardrail(_ metric: MetricDesign) {
        let design = Self.design([metric])
        for (factor, isBroken) in [(1.0, false), (2.0, true)] {
            var experiment = Experiment(design: design)
            let look = experiment.look(
                elapsedSeconds: 50, incumbent: Self.arm(design, seed: 1),
                candidate: Self.arm(design, factor: factor, seed: 2))
            #expect(look.guardrails.map(\.name) == ["errors", "latency", "watched"])
            #expect(look.guardrails[2].isBroken == isBroken, "\(metric) at \(factor): \(look.guardrails[2])")
            // Latency itself is broken too where it doubles.
            #expect((look.decision == .stopForHarm) == isBroken)
        }
    }

    /// Arms of units with one request each, all with as many tokens.
    private static func alike(_ design: ExperimentDesign, units: Int = 60, tokens: Int, score: Double) -> ArmData {
        var arm = ArmData(metrics: design.metrics)
        for unit in 0..<units {
            arm.enrol(unit: "\(unit)")
            arm.serve(
                unit: "\(unit)",
                RequestOutcome(failed: false, latencyMilliseconds: Double(10 * tokens), completionTokens: tokens))
            arm.rate(unit: "\(unit)", score: score)
        }
        return arm
    }

    @Test(
        "Values that are alike within each arm are told apart: worse ones stop it, better ratings promote, equal ones do nothing"
    )
    func constant() throws {
        for change in [MetricDesign.Change.relative, .absolute] {
            let design = Self.design([Self.metric(.completionTokens, change: change, limit: 0.2)])
            var longer = Experiment(design: design)
            let stopped = longer.look(
                elapsedSeconds: 50, incumbent: Self.alike(design, tokens: 3, score: 0.5),
                candidate: Self.alike(design, tokens: 512, score: 0.5))
            #expect(stopped.decision == .stopForHarm)
            #expect(stopped.guardrails.map(\.isBroken) == [false, true, true])
            #expect(stopped.difference == nil)
            var equal = Experiment(design: design)
            let same = equal.look(
                elapsedSeconds: 50, incumbent: Self.alike(design, tokens: 3, score: 1),
                candidate: Self.alike(design, tokens: 3, score: 1))
            #expect(same.decision == .goOn && same.difference == nil && same.guardrails.allSatisfy { $0.lower == nil })
        }
        let design = Self.design()
        var better = Experiment(design: design)
        let promoted = better.look(
            elapsedSeconds: 50, incumbent: Self.alike(design, tokens: 3, score: 0),
            candidate: Self.alike(design, tokens: 3, score: 1))
        #expect(promoted.decision == .promote)
        // One unit more of the other value in each arm: the lower end is well below 1.
        #expect((0.7..<0.95).contains(try #require(promoted.lower)))
        #expect(
            ConfidenceSequence.difference(
                Self.alike(design, units: 19, tokens: 3, score: 1).summary,
                Self.alike(design, units: 60, tokens: 3, score: 0).summary, alpha: 0.05, tuning: 1000) == nil)
    }

    @Test("Better by as much is no harm", arguments: kinds)
    func better(_ metric: MetricDesign) {
        let design = Self.design([metric])
        var experiment = Experiment(design: design)
        let look = experiment.look(
            elapsedSeconds: 50, incumbent: Self.arm(design, factor: 2, seed: 1), candidate: Self.arm(design, seed: 2))
        #expect(look.guardrails.allSatisfy { !$0.isBroken })
        let base = metric.change == .relative ? 1.0 : 0
        #expect((look.guardrails[2].difference ?? .infinity) < base)
    }

    @Test("A signal holds the ramp, promotes nothing and lets go again; what is over is over")
    func signal() {
        let design = Self.design([Self.metric(.completionTokens, role: .signal)])
        var experiment = Experiment(design: design)
        let control = Self.arm(design, seed: 1)
        let held = experiment.look(
            elapsedSeconds: 50, incumbent: control, candidate: Self.arm(design, good: 0.9, factor: 1.4, seed: 2))
        #expect(held.decision == .holdForSignal)
        #expect(held.guardrails[2].isSignal == true)
        #expect(held.reason.contains("watched"))
        let better = experiment.look(
            elapsedSeconds: 60, incumbent: control, candidate: Self.arm(design, good: 0.9, seed: 2))
        #expect(better.decision == .promote)
        var other = Experiment(design: design)
        let over = other.look(
            elapsedSeconds: 20_000, incumbent: control, candidate: Self.arm(design, good: 0.9, factor: 1.4, seed: 2))
        #expect(over.decision == .stopAtLongest)
    }

    @Test("All guardrails together have one error rate: each has less of it the more there are")
    func corrected() throws {
        let lower = try (0...3).map { more in
            let design = Self.design((0..<more).map { _ in Self.metric(.promptTokens) })
            var experiment = Experiment(design: design)
            let look = experiment.look(
                elapsedSeconds: 50, incumbent: Self.arm(design, seed: 1),
                candidate: Self.arm(design, factor: 1.2, seed: 2))
            return try #require(look.guardrails[1].lower)
        }
        #expect(zip(lower, lower.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test("The guardrails' error rate holds over all looks, whatever is watched", arguments: [0.95, nil])
    func errorRate(_ quantile: Double?) {
        let metric = Self.metric(.latency, quantile: quantile, limit: 0)
        let design = Self.design([metric])
        var broken = 0
        let runs = 150
        for run in 0..<runs {
            var generator = SeededGenerator(seed: UInt64(1000 + run))
            var arms = [ArmData(metrics: design.metrics), ArmData(metrics: design.metrics)]
            var experiment = Experiment(design: design)
            var isBroken = false
            for step in 1...25 {
                for _ in 0..<40 {
                    for arm in 0...1 {
                        // A unit's own speed, by its number, so that its requests are alike.
                        let number = Int(generator.uniform() * 300)
                        let own = 1 + Double((number * 7919 + arm * 104_729 + run * 31) % 997) / 500
                        arms[arm].serve(
                            unit: "\(arm)-\(number)",
                            RequestOutcome(failed: false, latencyMilliseconds: own * exp(generator.normal()) * 100))
                    }
                }
                let look = experiment.look(
                    elapsedSeconds: Double(step), incumbent: arms[0], candidate: arms[1])
                isBroken = isBroken || look.guardrails[2].isBroken
            }
            if isBroken { broken += 1 }
        }
        // Its part of the rate is 0.05 ÷ 3, so 2.5 runs of 150; 9 or more are seen in one of 1,000 times.
        #expect(broken <= 8)
    }

    @Test("Who was seen in both arms leaves nothing behind but the number of the enrolled")
    func leftOut() {
        let design = Self.design(Self.kinds)
        var experiment = Experiment(design: design)
        var other = Experiment(design: design)
        let control = Self.arm(design, seed: 1)
        var mixed = Self.arm(design, units: 301, seed: 2)
        let without = Self.arm(design, units: 300, seed: 2)
        mixed.leaveOut(unit: "2-300")
        mixed.leaveOut(unit: "2-300")
        mixed.serve(unit: "2-300", RequestOutcome(failed: true, latencyMilliseconds: 1e6))
        mixed.rate(unit: "2-300", score: 0)
        let look = experiment.look(elapsedSeconds: 50, incumbent: control, candidate: mixed)
        let expected = other.look(elapsedSeconds: 50, incumbent: control, candidate: without)
        #expect(look.candidate.inBothArms == 1)
        #expect(look.candidate.units == expected.candidate.units + 1)
        #expect(look.candidate.rated == expected.candidate.rated)
        #expect(look.candidate.requests == expected.candidate.requests)
        #expect(look.assignmentPValue == expected.assignmentPValue)
        #expect(abs((look.difference ?? 1) - (expected.difference ?? 0)) < 1e-12)
        #expect(abs((look.lower ?? 1) - (expected.lower ?? 0)) < 1e-9)
        for (left, right) in zip(look.guardrails, expected.guardrails) {
            #expect(abs((left.lower ?? 0) - (right.lower ?? 0)) < 1e-9, "\(left.name)")
        }
    }

    @Test("Not worse by a margin is promoted, where better is not shown; worse by more than it never is")
    func nonInferiority() {
        for (good, decision) in [(0.6, Look.Decision.promote), (0.5, .stopForHarm)] {
            let design = Self.design(margin: 0.06)
            var experiment = Experiment(design: design)
            let look = experiment.look(
                elapsedSeconds: 50, incumbent: Self.arm(design, units: 2000, seed: 1),
                candidate: Self.arm(design, units: 2000, good: good, seed: 2))
            #expect(look.decision == decision)
            var strict = Experiment(design: Self.design())
            #expect(
                strict.look(
                    elapsedSeconds: 50, incumbent: Self.arm(design, units: 2000, seed: 1),
                    candidate: Self.arm(design, units: 2000, good: good, seed: 2)
                ).decision != .promote)
        }
    }

    @Test("Worse by just the margin is promoted at most as often as α says, over all looks")
    func nonInferiorityErrorRate() {
        var design = Self.design(margin: 0.1)
        // Harm would stop it first.
        design.harmAlpha = 1e-9
        var promoted = 0
        for run in 0..<200 {
            var generator = SeededGenerator(seed: UInt64(9000 + run))
            var arms = [ArmData(), ArmData()]
            var experiment = Experiment(design: design)
            for step in 1...40 where experiment.decided == nil {
                for unit in 0..<15 {
                    for arm in 0...1 {
                        let name = "\(step)-\(unit)"
                        arms[arm].enrol(unit: name)
                        arms[arm].serve(unit: name, RequestOutcome(failed: false))
                        arms[arm].rate(unit: name, score: generator.chance(arm == 1 ? 0.6 : 0.7) ? 1 : 0)
                    }
                }
                _ = experiment.look(elapsedSeconds: Double(step), incumbent: arms[0], candidate: arms[1])
                arms[0].endLook()
                arms[1].endLook()
            }
            if experiment.decided == .promote { promoted += 1 }
        }
        // Two-sided at 0.05, so 0.025 at most: 5 of 200; 12 or more are seen in one of 100 times at that rate.
        #expect(promoted <= 11)
    }

    @Test("A step that asks for a person's word waits, and harm is watched meanwhile")
    func approval() {
        let design = Self.design(approvalSteps: [1])
        var experiment = Experiment(design: design)
        let control = Self.arm(design, units: 60, seed: 1)
        let alike = Self.arm(design, units: 60, seed: 2)
        for elapsed in [150.0, 400, 900] {
            let look = experiment.look(elapsedSeconds: elapsed, incumbent: control, candidate: alike)
            #expect(look.decision == .awaitApproval)
            #expect(look.step == 0)
        }
        experiment.advance(to: 1, elapsedSeconds: 950)
        #expect(experiment.look(elapsedSeconds: 1100, incumbent: control, candidate: alike).decision == .advance)
    }

    @Test("Nobody is promoted past a step that asks for a person's word, and the look says what is shown")
    func promotedPastApproval() {
        let design = Self.design(approvalSteps: [1, 2])
        var experiment = Experiment(design: design)
        let control = Self.arm(design, units: 100, good: 0.3, seed: 1)
        let better = Self.arm(design, units: 100, good: 0.9, seed: 2)
        let early = experiment.look(elapsedSeconds: 50, incumbent: control, candidate: better)
        #expect(early.decision == .goOn && early.reason.hasSuffix("step 2 of the ramp asks for a person's word first"))
        let asks = experiment.look(elapsedSeconds: 150, incumbent: control, candidate: better)
        #expect(asks.decision == .awaitApproval && asks.reason.hasPrefix("the candidate is better by"))
        experiment.advance(to: 1, elapsedSeconds: 160)
        #expect(experiment.look(elapsedSeconds: 300, incumbent: control, candidate: better).decision == .awaitApproval)
        experiment.advance(to: 2, elapsedSeconds: 310)
        #expect(experiment.look(elapsedSeconds: 320, incumbent: control, candidate: better).decision == .promote)
    }

    @Test("The relative sequence is gbstats' relative interval but for the correction for few units")
    func relative() throws {
        var generator = SeededGenerator(seed: 4)
        var (sums, arms) = ([ArmStatistic.Sums](), [ArmSummary(), ArmSummary()])
        for arm in 0...1 {
            var total = ArmStatistic.Sums(units: 0, sum: 0, squares: 0)
            for _ in 0..<20_000 {
                let value = 100 * exp(0.5 * generator.normal()) * (arm == 1 ? 1.1 : 1)
                var unit = UnitTotals()
                unit.add(value)
                arms[arm].replace(UnitTotals(), by: unit)
                total.units += 1
                total.sum += value
                total.squares += value * value
            }
            sums.append(total)
        }
        let theirs = try #require(
            ArmComparison(control: .mean(sums[0]), candidate: .mean(sums[1]), scale: .relative)
        ).sequential(alpha: 0.05, tuning: 1000)
        let ours = try #require(ConfidenceSequence.relative(arms[1], arms[0], alpha: 0.05, tuning: 1000))
        // Student's factor is 1 + 10 ÷ (4 · 40,000).
        #expect(abs(ours.lower - theirs.lower) < 3e-4 * (ours.upper - ours.lower))
        #expect(abs(ours.upper - theirs.upper) < 3e-4 * (ours.upper - ours.lower))
    }

    @Test("A design that was kept before there were metrics, margins and approvals is read as having none")
    func former() throws {
        let design = Self.design()
        var object = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(design)) as? [String: Any])
        for key in ["metrics", "approvalSteps", "margin"] { object[key] = nil }
        let read = try JSONDecoder().decode(
            ExperimentDesign.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(read == design)
    }
}
