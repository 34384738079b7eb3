import Glibc
import Values

extension RecomputedExperiment {
    /// Takes a look at what was added so far, and says where the published one says something else; figures may differ by
    /// rounding only.
    mutating func disagreements(with look: JSONValue) -> [String] {
        guard let time = look["time"]?.stringValue.flatMap(Timestamp.init) else { return ["it has no time"] }
        let elapsed = time.seconds(since: terms.started)
        var problems: [String] = []
        func compare(_ name: String, _ ours: Double?, _ theirs: Double?) {
            switch (ours, theirs) {
            case (nil, nil): break
            case (let ours?, let theirs?) where abs(ours - theirs) <= 1e-6: break
            default:
                problems.append(
                    "\(name) is \(theirs.map { "\($0)" } ?? "absent") there, \(ours.map { "\($0)" } ?? "absent") here")
            }
        }
        let published = (look["step"]?.intValue ?? 1) - 1
        // An operator may have moved the ramp on since the last look; the step then began with this one.
        if published > step { (step, stepStart) = (published, elapsed) }
        let (candidate, incumbent) = (arm("candidate"), arm("incumbent"))
        let (enrolled, control) = (assigned["candidate"] ?? 0, assigned["incumbent"] ?? 0)
        smallestAssignmentP = min(smallestAssignmentP, Self.ratioPValue(enrolled, control))
        smallestRaterP = min(smallestRaterP, Self.ratioPValue(candidate.units.count, incumbent.units.count))
        let interval = Self.interval(candidate, incumbent, alpha: terms.alpha, tuning: terms.tuning)
        compare("the step", Double(step), Double(published))
        compare("the number of units", Double(enrolled + control), look["units"]?.doubleValue)
        compare(
            "the number of rated units", Double(candidate.units.count + incumbent.units.count),
            look["rated"]?.doubleValue)
        compare("the difference", interval?.difference, look["difference"]?.doubleValue)
        let ends = look["interval"]?.arrayValue
        compare("the lower end", interval?.lower, ends?.first?.doubleValue)
        compare("the upper end", interval?.upper, ends?.last?.doubleValue)
        compare("the share of the variance kept", interval?.kept, look["varianceKept"]?.doubleValue)
        compare("the number of pairs", Double(bet.pairs), look["harmPairs"]?.doubleValue)
        compare("the harm wealth", bet.largest, look["harmLogWealth"]?.doubleValue)
        compare("the assignments' p-value", smallestAssignmentP, look["assignmentPValue"]?.doubleValue)
        compare("the raters' p-value", smallestRaterP, look["raterPValue"]?.doubleValue)
        let rated = min(candidate.units.count, incumbent.units.count)
        let agrees = comparePerRequest(look["perRequest"], isBurntIn: rated >= terms.burnInUnits, compare)
        let broken = brokenGuardrails
        if broken != (look["brokenGuardrails"]?.arrayValue ?? []).compactMap(\.stringValue) {
            problems.append("the broken guardrails are \(broken) here")
        }
        let decision = decide(
            elapsed: elapsed, rated: rated, interval: interval,
            harm: Self.interval(candidate, incumbent, alpha: terms.harmAlpha / 10, tuning: terms.tuning),
            isGuardrailBroken: !broken.isEmpty, isPaused: look["paused"] == true, agrees: agrees)
        if decision != look["decision"]?.stringValue {
            problems.append("the decision is \(look["decision"]?.stringValue ?? "absent") there, \(decision) here")
        }
        return problems
    }

    /// Section 6: compares what is said by request; whether it speaks for a promotion.
    private mutating func comparePerRequest(
        _ published: JSONValue?, isBurntIn: Bool, _ compare: (String, Double?, Double?) -> Void
    ) -> Bool {
        func shares(_ value: (Double) -> Double) -> (candidate: RecomputedArm, incumbent: RecomputedArm) {
            (perRequest("candidate", value), perRequest("incumbent", value))
        }
        let (good, bad, all) = (shares { $0 }, shares { 1 - $0 }, shares { _ in 1 })
        guard let candidateGood = good.candidate.mean, let incumbentGood = good.incumbent.mean,
            let candidateBad = bad.candidate.mean, let incumbentBad = bad.incumbent.mean,
            let first = all.candidate.squaredError, let second = all.incumbent.squaredError
        else {
            compare("the good ratings by request", nil, published?["good"]?.doubleValue)
            return false
        }
        let rated = candidateGood + candidateBad - incumbentGood - incumbentBad
        let interval = Self.interval(all.candidate, all.incumbent, alpha: 0.01, tuning: terms.tuning)
        ratedSharesDiffer = isBurntIn && interval.map { $0.lower > 0 || $0.upper < 0 } ?? false
        compare("the good ratings by request", candidateGood - incumbentGood, published?["good"]?.doubleValue)
        compare("the bad ratings by request", candidateBad - incumbentBad, published?["bad"]?.doubleValue)
        compare("the rated requests", rated, published?["rated"]?.doubleValue)
        let ends = published?["ratedInterval"]?.arrayValue
        compare("the lower end of the rated requests", interval?.lower, ends?.first?.doubleValue)
        compare("the upper end of the rated requests", interval?.upper, ends?.last?.doubleValue)
        let bounds = published?["bounds"]?.arrayValue
        compare("the lower bound", candidateGood + incumbentBad - 1, bounds?.first?.doubleValue)
        compare("the upper bound", 1 - candidateBad - incumbentGood, bounds?.last?.doubleValue)
        return candidateGood > incumbentGood && candidateBad < incumbentBad
            && abs(rated) <= 1.64 * (first + second).squareRoot()
    }

    /// Section 7: their error rate of 0.05 is halved between the two, and again between the two tests of errors.
    private var brokenGuardrails: [String] {
        func bound(_ value: (ExportedRequest) -> Double?, alpha: Double) -> (lower: Double, control: Double)? {
            let (candidate, incumbent) = (requests("candidate", value), requests("incumbent", value))
            guard min(candidate.units.count, incumbent.units.count) >= terms.burnInUnits, let control = incumbent.mean,
                let interval = Self.interval(candidate, incumbent, alpha: 2 * alpha, tuning: terms.tuning)
            else { return nil }
            return (interval.lower, control)
        }
        var broken: [String] = []
        let errors = bound({ $0.failed ? 1 : 0 }, alpha: 0.0125)
        if errors.map({ $0.lower > terms.errorMargin }) ?? false || errorBet.largest >= -log(0.0125) {
            broken.append("errors")
        }
        let latency = bound(\.latencyMilliseconds, alpha: 0.025)
        if let latency, latency.control > 0, 1 + latency.lower / latency.control > terms.latencyRatio {
            broken.append("latency")
        }
        return broken
    }

    private typealias Interval = (difference: Double, lower: Double, upper: Double, error: Double, kept: Double?)

    /// Section 8 of `docs/experiments.md`, with its numbers.
    private mutating func decide(
        elapsed: Double, rated: Int, interval: Interval?, harm: Interval?, isGuardrailBroken: Bool, isPaused: Bool,
        agrees: Bool
    ) -> String {
        if let decided { return decided }
        let isBurntIn = rated >= terms.burnInUnits
        let isOver = elapsed >= terms.longestSeconds
        let decision =
            if isGuardrailBroken || bet.largest >= -log(0.95 * terms.harmAlpha) {  // 1, 2
                "stopForHarm"
            } else if isBurntIn, let harm, harm.upper < 0 {  // 3
                "stopForHarm"
            } else if isPaused {  // 4
                "goOn"
            } else if min(smallestAssignmentP, smallestRaterP) < 0.01 || ratedSharesDiffer {  // 5
                isOver ? "stopAtLongest" : "holdForSampleRatio"
            } else if terms.isHoldBack {  // 6
                isOver ? "stopAtLongest" : "goOn"
            } else if isBurntIn, agrees, let interval, interval.lower > 0 {  // 7
                "promote"
            } else if isOver {  // 8
                "stopAtLongest"
            } else if step < terms.steps - 1 {  // 9
                isStepOver(elapsed - stepStart, rated: rated) ? "advance" : "goOn"
            } else if isBurntIn, elapsed - stepStart >= 2 * terms.leastStepSeconds, let interval,
                isFutile(interval, elapsed: elapsed)
            {  // 10
                "stopForFutility"
            } else {  // 11
                "goOn"
            }
        if decision == "advance" { (step, stepStart) = (step + 1, elapsed) }
        if decision == "promote" || decision.hasPrefix("stop") { decided = decision }
        return decision
    }

    private func isStepOver(_ inStep: Double, rated: Int) -> Bool {
        inStep >= terms.leastStepSeconds
            && (rated >= terms.leastStepUnits || inStep >= 3 * terms.leastStepSeconds)
    }

    private func isFutile(_ interval: Interval, elapsed: Double) -> Bool {
        if interval.upper < terms.minimumEffect { return true }
        let shown = (interval.upper - interval.difference) / (terms.longestSeconds / max(elapsed, 1e-9)).squareRoot()
        return interval.difference + 2 * interval.error < shown
    }
}
