import Experimentation
import FeedbackLoop
import Testing
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
