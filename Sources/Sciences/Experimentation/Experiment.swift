import Glibc

/// An experiment under way: its design, its step, and the worst it has seen.
///
/// `look` is the only thing that changes it. A decision once taken stays: later looks repeat it.
package struct Experiment: Codable, Equatable, Sendable {
    package let design: ExperimentDesign
    package private(set) var step = 0
    /// Seconds since the start at which the step began.
    package private(set) var stepStart = 0.0
    package private(set) var looks = 0
    /// The final decision; nil while it runs.
    package private(set) var decided: Look.Decision?
    private var smallestAssignmentP = 1.0
    private var smallestRaterP = 1.0
    /// On the goal, and on whether a unit's first request was answered.
    private var harm = HarmGame()
    private var errors = HarmGame()

    package init(design: ExperimentDesign) {
        self.design = design
    }

    package var exposure: Double { design.steps[min(step, design.steps.count - 1)] }

    /// Moves to a later step at an operator's word.
    package mutating func advance(to step: Int, elapsedSeconds: Double) {
        guard step > self.step, step < design.steps.count else { return }
        self.step = step
        stepStart = elapsedSeconds
    }

    /// Takes a look at all that the data have by now, which stays as it is: whoever took it ends it there (`endLook`).
    ///
    /// - Parameter isPaused: an operator holds it: harm stops it, and nothing else is decided.
    package mutating func look(at data: ExperimentData, elapsedSeconds: Double, isPaused: Bool = false) -> Look {
        look(
            elapsedSeconds: elapsedSeconds, incumbent: data.incumbent, candidate: data.candidate,
            raters: data.raterClusters, bursts: data.bursts, isPaused: isPaused)
    }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - elapsedSeconds: since the experiment began.
    ///   - incumbent: what is known of the control's arm by now, with those who are new since the look before.
    ///   - candidate: likewise.
    ///   - raters: who rate the answers to others.
    ///   - bursts: in which newcomers are set aside; shown.
    ///   - isPaused: an operator holds it: harm stops it, and nothing else is decided.
    package mutating func look(
        elapsedSeconds: Double, incumbent: ArmData, candidate: ArmData, raters: RaterClusters = RaterClusters(),
        bursts: [Look.Burst] = [], isPaused: Bool = false
    ) -> Look {
        looks += 1
        let control = incumbent.summary
        let treated = candidate.summary
        // Of some only it would compare those who rated early in one arm with those who did in the other.
        let usesDifficulty = design.asksDifficulty && incumbent.unaskedUnits + candidate.unaskedUnits == 0
        let sequence = ConfidenceSequence.difference(
            treated, control, alpha: design.alpha, tuning: design.tuning, difficulty: usesDifficulty, raters: raters)
        // Its upper end alone counts, so that two-sided it has twice the rate.
        let harmSequence = ConfidenceSequence.difference(
            treated, control, alpha: 2 * ExperimentDesign.harmSequenceShare * design.harmAlpha,
            tuning: design.tuning, difficulty: usesDifficulty, raters: raters)
        harm.enter(candidate: candidate.newScores, control: incumbent.newScores)
        errors.enter(candidate: candidate.newAnswers, control: incumbent.newAnswers)
        smallestAssignmentP = min(
            smallestAssignmentP,
            SampleRatioTest.pValue(
                candidate.enrolled - candidate.inBothArms, incumbent.enrolled - incumbent.inBothArms))
        smallestRaterP = min(smallestRaterP, SampleRatioTest.pValue(treated.ratedUnits, control.ratedUnits))
        let isBurntIn = min(treated.ratedUnits, control.ratedUnits) >= design.burnInUnits
        let perRequest = perRequest(incumbent: incumbent, candidate: candidate)
        // As they stand now: where they differ in truth they are told apart from then on; chance takes it back.
        var ratedSharesDiffer = false
        if isBurntIn, let perRequest, let lower = perRequest.ratedLower, let upper = perRequest.ratedUpper {
            ratedSharesDiffer = lower > 0 || upper < 0
        }
        let guardrails = checks(incumbent: incumbent, candidate: candidate, errors: errors)
        var look = Look(
            elapsedSeconds: elapsedSeconds, step: step, exposure: exposure, incumbent: arm(incumbent, control),
            candidate: arm(candidate, treated), difference: sequence?.difference, lower: sequence?.lower,
            upper: sequence?.upper, standardError: sequence?.standardError,
            relative: relative(treated, control, raters), varianceKept: sequence?.varianceKept,
            raterShare: sequence?.raterShare,
            usesDifficulty: design.asksDifficulty ? usesDifficulty : nil,
            harmPairs: harm.pairs,
            harmLogWealth: harm.largestLogWealth, assignmentPValue: smallestAssignmentP, raterPValue: smallestRaterP,
            perRequest: perRequest, ratedSharesDiffer: ratedSharesDiffer, guardrails: guardrails,
            bursts: bursts.isEmpty ? nil : bursts, isPaused: isPaused, decision: .goOn, reason: "", next: "")
        (look.decision, look.reason) = decide(
            look, sequence: sequence, harmSequence: isBurntIn ? harmSequence : nil, isBurntIn: isBurntIn,
            lastRatings: (candidate.lastRatings, incumbent.lastRatings))
        if look.decision == .advance {
            step += 1
            stepStart = elapsedSeconds
        }
        look.next = next(after: look, isBurntIn: isBurntIn)
        return look
    }

    private mutating func decide(
        _ look: Look, sequence: ConfidenceSequence?, harmSequence: ConfidenceSequence?, isBurntIn: Bool,
        lastRatings: (candidate: LatestOutcomes, incumbent: LatestOutcomes)
    ) -> (Look.Decision, String) {
        if let decided { return (decided, "decided at an earlier look") }
        func final(_ decision: Look.Decision, _ reason: String) -> (Look.Decision, String) {
            decided = decision
            return (decision, reason)
        }
        if let broken = look.guardrails.first(where: { $0.isBroken && $0.isSignal == nil }) {
            return final(.stopForHarm, "the guardrail \(broken.name) is broken")
        }
        if harm.refuses(alpha: design.harmGameShare * design.harmAlpha) {
            return final(
                .stopForHarm,
                "the candidate does harm: \(harm.pairs) pairs of units are evidence enough that it is rated worse")
        }
        if let harmSequence, harmSequence.upper < 0 {
            return final(
                .stopForHarm,
                "the candidate does harm: \(Self.points(harmSequence.difference)) points, at most \(Self.points(harmSequence.upper))"
            )
        }
        if design.harmLatestShare > 0,
            LatestOutcomes.refuses(
                candidate: lastRatings.candidate, control: lastRatings.incumbent,
                alpha: design.harmLatestShare * design.harmAlpha, look: looks)
        {
            return final(
                .stopForHarm,
                "it does harm by now: the last rating is bad of \(lastRatings.candidate.bad) of \(lastRatings.candidate.units) units with it, and of \(lastRatings.incumbent.bad) of \(lastRatings.incumbent.units) without"
            )
        }
        if look.isPaused { return (.goOn, "held by an operator: harm stops it, nothing else is decided") }
        if let what = brokenRatio(look) {
            if look.elapsedSeconds >= design.longestSeconds {
                return final(
                    .stopAtLongest,
                    "the sample ratio of \(what) was broken at the longest duration; the incumbent stays")
            }
            return (.holdForSampleRatio, "the sample ratio of \(what) is broken: nothing is decided on it")
        }
        if design.isHoldBack {
            return look.elapsedSeconds >= design.longestSeconds
                ? final(.stopAtLongest, "the hold-back saw no harm until its end") : (.goOn, "no harm seen")
        }
        let goal = look.guardrails.first { $0.goal != nil }
        let isShown =
            isBurntIn && (sequence?.lower).map { $0 > -(design.margin ?? 0) } ?? false
            && (goal == nil || goal?.goal == .shown)
        let agrees = look.perRequest?.agrees(margin: design.margin ?? 0) ?? false
        // A step ahead that begins at a person's word keeps everybody else from the candidate too.
        let awaited = design.approvalSteps.filter { $0 > step }.min()
        let signal = look.guardrails.first { $0.isBroken && $0.isSignal != nil }
        let shown =
            isShown
            ? sequence.map {
                (goal.map { "\($0.name) is better by \(Self.gain($0)), and " } ?? "") + promotion($0)
            } : nil
        if let shown, signal == nil, agrees, awaited == nil { return final(.promote, shown) }
        let lacks = goal?.goal == .missing ? goal.map { ": \(Self.lacking($0))" } ?? "" : ""
        if look.elapsedSeconds >= design.longestSeconds {
            return final(.stopAtLongest, "undecided at the longest duration\(lacks); the incumbent stays")
        }
        if let signal {
            return (
                .holdForSignal, "the signal \(signal.name) speaks of harm: nothing is promoted, and the ramp stands"
            )
        }
        let (decision, reason) = ramp(look, sequence: sequence) { final($0, $1) }
        guard let shown else { return (decision, reason) }
        switch decision {
        case .awaitApproval where agrees: return (decision, "\(shown); the next step asks for a person's word")
        case .goOn where !agrees:
            return (
                .goOn,
                "shown where it is rated, but not yet by request: ratings may be missing in one arm more than in the other"
            )
        case .goOn:
            return (.goOn, "\(shown); step \((awaited ?? step) + 1) of the ramp asks for a person's word first")
        default: return (decision, reason)
        }
    }

    private static func lacking(_ goal: Look.Guardrail) -> String {
        "\(goal.name) is better where it has a value, which requests of one arm lack more often than of the other"
    }

    private func promotion(_ sequence: ConfidenceSequence) -> String {
        guard let margin = design.margin else {
            return
                "the candidate is better by \(Self.points(sequence.difference)) points, at least \(Self.points(sequence.lower))"
        }
        return
            "the candidate is not worse by \(Self.points(margin)) points: \(Self.points(sequence.difference)), at least \(Self.points(sequence.lower))"
    }

    /// Which of the checks on who is compared has failed.
    private func brokenRatio(_ look: Look) -> String? {
        if smallestAssignmentP < ExperimentDesign.sampleRatioAlpha { return "assignments" }
        if smallestRaterP < ExperimentDesign.sampleRatioAlpha { return "who rates" }
        return look.ratedSharesDiffer ? "rated requests" : nil
    }

    private func ramp(
        _ look: Look, sequence: ConfidenceSequence?,
        final: (Look.Decision, String) -> (Look.Decision, String)
    ) -> (Look.Decision, String) {
        let inStep = look.elapsedSeconds - stepStart
        guard step == design.steps.count - 1 else {
            guard inStep >= design.leastStepSeconds else { return (.goOn, "the step has its least time to go") }
            let rated = min(look.candidate.rated, look.incumbent.rated)
            let isOverdue = inStep >= ExperimentDesign.patience * design.leastStepSeconds
            // Too few for harm to be found on it, and enough not to show the candidate to more people.
            if let sequence, sequence.upper < 0 {
                let said = "what \(rated) rated units an arm say speaks against the candidate"
                return isOverdue
                    ? final(
                        .stopForFutility,
                        "\(said), still after \(Int(ExperimentDesign.patience)) times the step's least time; the incumbent stays"
                    )
                    : (.goOn, "\(said): the ramp waits")
            }
            let asks = design.approvalSteps.contains(step + 1)
            if rated >= design.leastStepUnits {
                return asks
                    ? (
                        .awaitApproval,
                        "no harm seen on \(rated) rated units an arm; the next step asks for a person's word"
                    )
                    : (.advance, "no harm seen on \(rated) rated units an arm; the ramp moves on")
            }
            if isOverdue {
                guard !asks else {
                    return (
                        .awaitApproval,
                        "only \(rated) of \(design.leastStepUnits) rated units an arm came; the next step asks for a person's word"
                    )
                }
                return (
                    .advance,
                    "only \(rated) of \(design.leastStepUnits) rated units an arm came in \(Int(ExperimentDesign.patience)) times the step's least time; the ramp moves on since nothing speaks of harm"
                )
            }
            return (.goOn, "waits for \(design.leastStepUnits) rated units an arm")
        }
        if let futility = futility(look, sequence: sequence) { return final(.stopForFutility, futility) }
        return (.goOn, "undecided so far")
    }

    /// Whether the time left cannot bring a promotion: the best that is still plausible is below what the sequence will
    /// be able to show at the longest duration, or below the smallest effect worth a promotion.
    private func futility(_ look: Look, sequence: ConfidenceSequence?) -> String? {
        let inStep = look.elapsedSeconds - stepStart
        guard let sequence, min(look.candidate.rated, look.incumbent.rated) >= design.burnInUnits,
            inStep >= 2 * design.leastStepSeconds
        else { return nil }
        if let goal = look.guardrails.first(where: { $0.goal == .outOfReach }) {
            return "\(goal.name) is better by less than is worth a promotion, if at all; the incumbent stays"
        }
        if let margin = design.margin {
            if sequence.upper < -margin {
                return "the candidate is worse by \(Self.points(margin)) points or more; the incumbent stays"
            }
        } else if sequence.upper < design.minimumEffect {
            return
                "the difference is at most \(Self.points(sequence.upper)) points, below the smallest effect of \(Self.points(design.minimumEffect)); the incumbent stays"
        }
        // Information grows in proportion to time at this step; the final half width shrinks with its square root.
        let growth = design.longestSeconds / max(look.elapsedSeconds, 1e-9)
        let final = (sequence.upper - sequence.difference) / growth.squareRoot()
        if sequence.difference + 2 * sequence.standardError + (design.margin ?? 0) < final {
            return
                "even \(Self.points(sequence.difference + 2 * sequence.standardError)) points, the best still plausible, could not be shown by the longest duration; the incumbent stays"
        }
        return nil
    }

    private func next(after look: Look, isBurntIn: Bool) -> String {
        switch look.decision {
        case .promote: return "the candidate is promoted"
        case .stopForHarm: return "everybody gets the incumbent again"
        case .stopAtLongest where design.isHoldBack: return "everybody gets what was promoted"
        case .stopForFutility, .stopAtLongest: return "the incumbent stays"
        case .holdForSampleRatio:
            let isForGood = min(look.assignmentPValue, look.raterPValue) < ExperimentDesign.sampleRatioAlpha
            let lifts =
                isForGood
                ? "nothing takes it back: cancel ends it, else the longest duration does"
                : "more ratings take it back where it was chance"
            return "the ramp is held; find out why the arms differ: \(look.reason); \(lifts)"
        case .holdForSignal:
            let ways = step < design.steps.count - 1 ? "advance, promote or cancel" : "promote or cancel"
            return "the ramp is held; look at what the signal measures, then \(ways)"
        case .awaitApproval:
            return "step \(step + 2) of the ramp begins when a person approves it (retunectl cycles approve)"
        case .advance: return "the ramp goes to \(Self.points(exposure)) % of the units in each arm"
        case .goOn: break
        }
        if look.isPaused {
            return "goes on when it is let go (retunectl ab release, or retunectl resume where the loop is paused)"
        }
        if design.isHoldBack {
            return "harm is watched for until the end of the hold-back; then everybody gets what was promoted"
        }
        let rated = min(look.candidate.rated, look.incumbent.rated)
        if !isBurntIn, step == design.steps.count - 1 {
            return "decides from \(design.burnInUnits) rated units an arm on; now \(rated)"
        }
        if step < design.steps.count - 1 {
            if let upper = look.upper, upper < 0 {
                return
                    "the ramp waits; the experiment is given up after three times this step's least time if what is rated still speaks against the candidate then"
            }
            let asks = design.approvalSteps.contains(step + 1) ? ", when a person approves it," : ""
            return
                "step \(step + 2) of \(design.steps.count) begins\(asks) after this one's least time with \(design.leastStepUnits) rated units an arm (now \(rated)), or after three times that time without them"
        }
        guard let estimate = look.difference, let end = look.lower else { return "no lead of the candidate yet" }
        if let goal = look.guardrails.first(where: { $0.goal == .open || $0.goal == .missing }) {
            let ratings = end + (design.margin ?? 0) > 0 ? "the ratings are not worse; " : ""
            return ratings
                + (goal.goal == .missing
                    ? Self.lacking(goal)
                    : "decides as soon as \(goal.name) is shown to be better\(ratings.isEmpty ? ", and the ratings not to be worse" : "")")
        }
        guard let more = look.ratingsLeft(margin: design.margin ?? 0) else { return "no lead of the candidate yet" }
        guard more > 0 else { return "decides as soon as the requests tell what the ratings tell" }
        return
            "if the \(design.margin == nil ? "lead" : "difference") of \(Self.points(estimate)) points holds, about \(Int(more.rounded(.up))) more ratings decide"
    }

    /// Nil where an arm has fewer than two units with requests.
    private func perRequest(incumbent: ArmData, candidate: ArmData) -> Look.PerRequest? {
        guard let good = candidate.goodPerRequest.mean, let controlGood = incumbent.goodPerRequest.mean,
            let bad = candidate.badPerRequest.mean, let controlBad = incumbent.badPerRequest.mean,
            let error = candidate.ratedPerRequest.squaredError,
            let controlError = incumbent.ratedPerRequest.squaredError
        else { return nil }
        let sequence = ConfidenceSequence.difference(
            candidate.ratedPerRequest, incumbent.ratedPerRequest, alpha: ExperimentDesign.sampleRatioAlpha,
            tuning: design.tuning)
        return Look.PerRequest(
            good: good - controlGood, bad: bad - controlBad, rated: good + bad - controlGood - controlBad,
            ratedError: (error + controlError).squareRoot(), ratedShare: controlGood + controlBad,
            ratedLower: sequence?.lower, ratedUpper: sequence?.upper,
            lowest: good - (1 - controlBad), highest: (1 - bad) - controlGood)
    }

    private func relative(
        _ candidate: ArmSummary, _ incumbent: ArmSummary, _ raters: RaterClusters
    ) -> Look.Relative? {
        ConfidenceSequence.relative(
            candidate, incumbent, alpha: design.alpha, tuning: design.tuning, raters: raters
        ).map { Look.Relative(difference: $0.difference, lower: $0.lower, upper: $0.upper) }
    }

    private func arm(_ data: ArmData, _ summary: ArmSummary) -> Look.Arm {
        let sequence = ConfidenceSequence.mean(summary, alpha: design.alpha, tuning: design.tuning)
        return Look.Arm(
            units: data.enrolled, rated: summary.ratedUnits, ratings: summary.ratings, mean: summary.mean,
            lower: sequence?.lower, upper: sequence?.upper, errors: data.errors, requests: data.requests,
            latencyMilliseconds: data.latencySummary.mean,
            aside: data.aside.mean.map {
                Look.Aside(rated: data.aside.ratedUnits, ratings: data.aside.ratings, mean: $0)
            },
            waiting: data.waitingRatings > 0
                ? Look.Waiting(rated: data.waitingUnits, ratings: data.waitingRatings) : nil,
            inBothArms: data.inBothArms > 0 ? data.inBothArms : nil,
            failing: data.lastRequests.bad > 0 ? data.lastRequests.bad : nil)
    }

    /// How much better the goal is, and at least.
    private static func gain(_ goal: Look.Guardrail) -> String {
        let isRelative = goal.isRelative ?? false
        let (base, unit) = isRelative ? (1.0, "%") : (0, "")
        let amounts = [goal.difference, goal.upper].map { worsening in
            let gain = base - (worsening ?? base)
            return isRelative ? points(gain) : "\((gain * 1000).rounded() / 1000)"
        }
        return "\(amounts[0])\(unit) (at least \(amounts[1])\(unit))"
    }

    private static func points(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }
}
