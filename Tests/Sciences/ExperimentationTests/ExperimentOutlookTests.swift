import Experimentation
import Statistics
import Testing

@Suite("Outlook: how long an experiment still takes")
struct ExperimentOutlookTests {
    private static func design(isHoldBack: Bool = false, approvalSteps: [Int] = []) -> ExperimentDesign {
        ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.1, 0.5], leastStepSeconds: 100, leastStepUnits: 50,
            longestSeconds: 10_000, minimumEffect: 0.001, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5,
            errorMargin: 0.02, isHoldBack: isHoldBack, approvalSteps: approvalSteps)
    }

    /// Units that come and rate once, evenly over time; shares of good ratings that are just met.
    private static func looks(_ design: ExperimentDesign, until end: Int, lead: Int) -> [Look] {
        var arms = [ArmData(), ArmData()]
        var experiment = Experiment(design: design)
        var (looks, number) = ([Look](), 0)
        for second in stride(from: 10, through: end, by: 10) {
            for _ in 0..<(experiment.step == 0 ? 10 : 50) {
                for arm in 0...1 {
                    arms[arm].enrol(unit: "\(number)")
                    arms[arm].serve(unit: "\(number)", RequestOutcome(failed: false))
                    arms[arm].rate(unit: "\(number)", score: number % 100 < (arm == 1 ? 50 + lead : 50) ? 1 : 0)
                }
                number += 1
            }
            looks.append(
                experiment.look(elapsedSeconds: Double(second), incumbent: arms[0], candidate: arms[1]))
            for arm in 0...1 { arms[arm].endLook() }
            if experiment.decided != nil { break }
        }
        return looks
    }

    @Test("What it says in the last step comes true, within a fifth", arguments: [4, 6])
    func comesTrue(lead: Int) throws {
        let design = Self.design()
        let all = Self.looks(design, until: 10_000, lead: lead)
        #expect(all.last?.decision == .promote)
        let total = try #require(all.last?.elapsedSeconds)
        for share in [0.4, 0.6, 0.8] {
            // Whole hundreds of units, so that the lead is what it is.
            let until = (all.firstIndex { $0.elapsedSeconds >= share * total && $0.candidate.rated % 100 == 0 }) ?? 0
            let outlook = ExperimentOutlook(Array(all.prefix(until + 1)), of: design)
            let left = total - all[until].elapsedSeconds
            let promotion = try #require(outlook.promotion)
            #expect(abs(promotion - left) < 0.2 * total, "\(promotion) of \(left)")
            #expect(outlook.longest == 10_000 - all[until].elapsedSeconds)
        }
    }

    @Test("Nothing is said where nothing can be: no look, no lead, not by the end, somebody's word, a hold-back")
    func unknown() {
        // Shown by the ratings already, and something else is waited for: more of them do not decide.
        var waits = Self.looks(Self.design(), until: 400, lead: 3)
        waits[waits.count - 1].lower = 0.001
        #expect(ExperimentOutlook(waits, of: Self.design()).promotion == nil)
        #expect(ExperimentOutlook([], of: Self.design()).promotion == nil)
        #expect(ExperimentOutlook([], of: Self.design()).longest == 10_000)
        #expect(ExperimentOutlook(Self.looks(Self.design(), until: 200, lead: 0), of: Self.design()).promotion == nil)
        var short = Self.design()
        short.longestSeconds = 300
        #expect(ExperimentOutlook(Self.looks(short, until: 200, lead: 3), of: short).promotion == nil)
        let asks = Self.design(approvalSteps: [1])
        #expect(ExperimentOutlook(Self.looks(asks, until: 90, lead: 6), of: asks).promotion == nil)
        let held = Self.design(isHoldBack: true)
        let looks = Self.looks(held, until: 200, lead: 6)
        #expect(ExperimentOutlook(looks, of: held).promotion == nil)
        #expect(
            looks.last?.next
                == "harm is watched for until the end of the hold-back; then everybody gets what was promoted")
    }
}
