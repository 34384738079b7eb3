import Glibc
import Values

extension RecomputedExperiment {
    /// Takes a look at what was added so far, and says where the published one says something else; figures may differ by
    /// rounding only. Which guardrails are broken is taken as published: requests are not among the exported rows.
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
        smallestRaterP = min(smallestRaterP, Self.ratioPValue(candidate.scores.count, incumbent.scores.count))
        let interval = Self.interval(candidate, incumbent, alpha: terms.alpha, tuning: terms.tuning)
        compare("the step", Double(step), Double(published))
        compare("the number of units", Double(enrolled + control), look["units"]?.doubleValue)
        compare(
            "the number of rated units", Double(candidate.scores.count + incumbent.scores.count),
            look["rated"]?.doubleValue)
        compare("the difference", interval?.difference, look["difference"]?.doubleValue)
        let ends = look["interval"]?.arrayValue
        compare("the lower end", interval?.lower, ends?.first?.doubleValue)
        compare("the upper end", interval?.upper, ends?.last?.doubleValue)
        compare("the number of pairs", Double(bet.pairs), look["harmPairs"]?.doubleValue)
        compare("the harm wealth", bet.largest, look["harmLogWealth"]?.doubleValue)
        compare("the assignments' p-value", smallestAssignmentP, look["assignmentPValue"]?.doubleValue)
        compare("the raters' p-value", smallestRaterP, look["raterPValue"]?.doubleValue)
        let decision = decide(
            elapsed: elapsed, rated: min(candidate.scores.count, incumbent.scores.count), interval: interval,
            harm: Self.interval(candidate, incumbent, alpha: terms.harmAlpha / 10, tuning: terms.tuning),
            isGuardrailBroken: look["brokenGuardrails"]?.arrayValue?.isEmpty == false)
        if decision != look["decision"]?.stringValue {
            problems.append("the decision is \(look["decision"]?.stringValue ?? "absent") there, \(decision) here")
        }
        return problems
    }

    private typealias Interval = (difference: Double, lower: Double, upper: Double, error: Double)

    /// Section 7 of `docs/experiments.md`, with its numbers.
    private mutating func decide(
        elapsed: Double, rated: Int, interval: Interval?, harm: Interval?, isGuardrailBroken: Bool
    ) -> String {
        if let decided { return decided }
        let isBurntIn = rated >= terms.burnInUnits
        let isOver = elapsed >= terms.longestSeconds
        let decision =
            if isGuardrailBroken || bet.largest >= -log(0.95 * terms.harmAlpha) {  // 1, 2
                "stopForHarm"
            } else if isBurntIn, let harm, harm.upper < 0 {  // 3
                "stopForHarm"
            } else if min(smallestAssignmentP, smallestRaterP) < 0.01 {  // 4
                isOver ? "stopAtLongest" : "holdForSampleRatio"
            } else if terms.isHoldBack {  // 5
                isOver ? "stopAtLongest" : "goOn"
            } else if isBurntIn, let interval, interval.lower > 0 {  // 6
                "promote"
            } else if isOver {  // 7
                "stopAtLongest"
            } else if step < terms.steps - 1 {  // 8
                isStepOver(elapsed - stepStart, rated: rated) ? "advance" : "goOn"
            } else if isBurntIn, elapsed - stepStart >= 2 * terms.leastStepSeconds, let interval,
                isFutile(interval, elapsed: elapsed)
            {  // 9
                "stopForFutility"
            } else {  // 10
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
