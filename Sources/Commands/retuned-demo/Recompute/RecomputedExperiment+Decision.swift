import Glibc
import Values

extension RecomputedExperiment {
    /// Takes a look at what was added so far, and says where the published one says something else; figures may differ by
    /// rounding only.
    mutating func disagreements(with look: JSONValue) -> [String] {
        looks += 1
        guard let time = look["time"]?.stringValue.flatMap(Timestamp.init) else { return ["it has no time"] }
        let elapsed = time.seconds(since: terms.started)
        beginLook(elapsed: elapsed)
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
        smallestAssignmentP = min(smallestAssignmentP, Self.ratioPValue(compared("candidate"), compared("incumbent")))
        smallestRaterP = min(smallestRaterP, Self.ratioPValue(candidate.units.count, incumbent.units.count))
        let others = self.others(candidate, incumbent)
        let interval = Self.interval(
            candidate, incumbent, alpha: terms.alpha, tuning: terms.tuning, others: others)
        compare("the step", Double(step), Double(published))
        compare("the number of units", Double(enrolled + control), look["units"]?.doubleValue)
        compare(
            "the number of rated units", Double(candidate.units.count + incumbent.units.count),
            look["rated"]?.doubleValue)
        compare("the difference", interval?.difference, look["difference"]?.doubleValue)
        let ends = look["interval"]?.arrayValue
        compare("the lower end", interval?.lower, ends?.first?.doubleValue)
        compare("the upper end", interval?.upper, ends?.last?.doubleValue)
        let base = incumbent.mean.flatMap { $0 > 0 ? $0 : nil } ?? 1
        let relative = Self.relativeInterval(
            candidate, incumbent, alpha: terms.alpha, tuning: terms.tuning,
            others: self.others(candidate, incumbent, ratio: (candidate.mean ?? 0) / base, base: base))
        let shown = look["relative"]?.arrayValue
        compare("the relative difference", relative?.difference, shown?.first?.doubleValue)
        compare("its lower end", relative?.lower, shown?.dropFirst().first?.doubleValue)
        compare("its upper end", relative?.upper, shown?.last?.doubleValue)
        compare("the share of the variance kept", interval?.kept, look["varianceKept"]?.doubleValue)
        compare("the raters' share of the squared error", interval?.raterShare, look["raterShare"]?.doubleValue)
        if terms.asksDifficulty, takesDifficulty != (look["difficulty"] == true) {
            problems.append(
                "the difficulty of first queries is \(takesDifficulty ? "known" : "not known") of all units here")
        }
        compare("the number of pairs", Double(bet.pairs), look["harmPairs"]?.doubleValue)
        compare("the harm wealth", bet.largest, look["harmLogWealth"]?.doubleValue)
        compare("the assignments' p-value", smallestAssignmentP, look["assignmentPValue"]?.doubleValue)
        compare("the raters' p-value", smallestRaterP, look["raterPValue"]?.doubleValue)
        let rated = min(candidate.units.count, incumbent.units.count)
        let agrees = comparePerRequest(look["perRequest"], isBurntIn: rated >= terms.burnInUnits, compare)
        let metrics = metrics()
        for (found, published) in zip(metrics, look["metrics"]?.arrayValue ?? []) {
            compare("\(found.metric.name)", found.worsening, published["worsening"]?.doubleValue)
            compare("the lower end of \(found.metric.name)", found.lower, published["lower"]?.doubleValue)
            compare("the upper end of \(found.metric.name)", found.upper, published["upper"]?.doubleValue)
        }
        func names(_ isSignal: Bool) -> [String] {
            metrics.filter { $0.isBroken && $0.metric.isSignal == isSignal }.map(\.metric.name)
        }
        let broken = brokenGuardrails + names(false)
        let signals = names(true)
        for (name, ours, theirs) in [
            ("guardrails", broken, look["brokenGuardrails"]), ("signals", signals, look["brokenSignals"]),
        ] where ours != (theirs?.arrayValue ?? []).compactMap(\.stringValue) {
            problems.append("the broken \(name) are \(ours) here")
        }
        let decision = decide(
            elapsed: elapsed, rated: rated, interval: interval,
            harm: Self.interval(
                candidate, incumbent, alpha: terms.harmAlpha / 10, tuning: terms.tuning, others: others),
            isGuardrailBroken: !broken.isEmpty, isSignalBroken: !signals.isEmpty, isPaused: look["paused"] == true,
            agrees: agrees, goal: metrics.first(where: \.metric.isGoal))
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
        let allowed = terms.margin * (incumbentGood + incumbentBad)
        return candidateGood - incumbentGood > -allowed && candidateBad - incumbentBad < allowed
            && abs(rated) <= 1.64 * (first + second).squareRoot() + 1e-9
    }

    /// Section 7: errors and latency have as much of the error rate as each other guardrail, errors half for each of two tests.
    private var brokenGuardrails: [String] {
        func arms(_ value: (ExportedRequest) -> Double?) -> (candidate: RecomputedArm, incumbent: RecomputedArm)? {
            let (candidate, incumbent) = (requests("candidate", value), requests("incumbent", value))
            return min(candidate.units.count, incumbent.units.count) >= terms.burnInUnits ? (candidate, incumbent) : nil
        }
        var broken: [String] = []
        let errors = arms { $0.failed ? 1 : 0 }.flatMap {
            Self.interval($0.candidate, $0.incumbent, alpha: guardrailAlpha, tuning: terms.tuning)
        }
        if errors.map({ $0.lower > terms.errorMargin }) ?? false
            || errorBet.refuses(alpha: guardrailAlpha / (terms.latest ? 4 : 2))
            || terms.latest
                && last("candidate").failed.isWorse(
                    than: last("incumbent").failed, alpha: guardrailAlpha / 4, look: looks)
        {
            broken.append("errors")
        }
        let latency = arms(\.latencyMilliseconds).flatMap {
            Self.relativeInterval($0.candidate, $0.incumbent, alpha: 2 * guardrailAlpha, tuning: terms.tuning)
        }
        if let latency, 1 + latency.lower > terms.latencyRatio { broken.append("latency") }
        return broken
    }

    /// Section 8 of `docs/experiments.md`, with its numbers.
    private mutating func decide(
        elapsed: Double, rated: Int, interval: Interval?, harm: Interval?, isGuardrailBroken: Bool,
        isSignalBroken: Bool, isPaused: Bool, agrees: Bool, goal: RecomputedFinding?
    ) -> String {
        if let decided { return decided }
        let isBurntIn = rated >= terms.burnInUnits
        let isOver = elapsed >= terms.longestSeconds
        let decision =
            if isGuardrailBroken || bet.refuses(alpha: (watchesRatings ? 0.5 : 0.95) * terms.harmAlpha) {  // 1, 2
                "stopForHarm"
            } else if isBurntIn, let harm, harm.upper < 0 {  // 3
                "stopForHarm"
            } else if watchesRatings,  // 3
                last("candidate").discontent.isWorse(
                    than: last("incumbent").discontent, alpha: 0.45 * terms.harmAlpha, look: looks)
            {
                "stopForHarm"
            } else if isPaused {  // 4
                "goOn"
            } else if min(smallestAssignmentP, smallestRaterP) < 0.01 || ratedSharesDiffer {  // 5
                isOver ? "stopAtLongest" : "holdForSampleRatio"
            } else if terms.isHoldBack {  // 6
                isOver ? "stopAtLongest" : "goOn"
            } else if isBurntIn, agrees, !isSignalBroken, goal?.isShown ?? true,
                !terms.approvalSteps.contains(where: { $0 > step }), let interval, interval.lower > -terms.margin
            {  // 7
                "promote"
            } else if isOver {  // 8
                "stopAtLongest"
            } else if isSignalBroken {  // 9
                "holdForSignal"
            } else if step < terms.steps - 1, elapsed - stepStart >= terms.leastStepSeconds, let interval,
                interval.upper < 0
            {  // 10
                elapsed - stepStart >= 3 * terms.leastStepSeconds ? "stopForFutility" : "goOn"
            } else if step < terms.steps - 1 {  // 10
                !isStepOver(elapsed - stepStart, rated: rated)
                    ? "goOn" : terms.approvalSteps.contains(step + 1) ? "awaitApproval" : "advance"
            } else if isBurntIn, elapsed - stepStart >= 2 * terms.leastStepSeconds, let interval,
                goal?.isOutOfReach ?? false || isFutile(interval, elapsed: elapsed)
            {  // 11
                "stopForFutility"
            } else {  // 12
                "goOn"
            }
        if decision == "advance" { (step, stepStart) = (step + 1, elapsed) }
        if decision == "promote" || decision.hasPrefix("stop") { decided = decision }
        return decision
    }

    private var watchesRatings: Bool { terms.isHoldBack && terms.latest }

    private func isStepOver(_ inStep: Double, rated: Int) -> Bool {
        inStep >= terms.leastStepSeconds
            && (rated >= terms.leastStepUnits || inStep >= 3 * terms.leastStepSeconds)
    }

    private func isFutile(_ interval: Interval, elapsed: Double) -> Bool {
        if interval.upper < (terms.isNonInferiority ? -terms.margin : terms.minimumEffect) { return true }
        let shown = (interval.upper - interval.difference) / (terms.longestSeconds / max(elapsed, 1e-9)).squareRoot()
        return interval.difference + 2 * interval.error + terms.margin < shown
    }
}
