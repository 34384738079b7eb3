import API
import Experimentation
import Values

/// A decided experiment taken again from its dossier, look by look, by the code that decides in the daemon.
///
/// `docs/experiments.md` has the rule. The order is the daemon's: assignments, difficulties, newcomers, ratings, requests.
package struct ExperimentReplay: Sendable {
    let dossier: ExperimentDossier
    private var data: ExperimentData
    private var experiment: Experiment
    private var arms: [String: ExperimentData.Arm] = [:]
    private var interactions: [String: Int64] = [:]
    private var ratings: Int64 = 0

    package init(_ dossier: ExperimentDossier) {
        self.dossier = dossier
        let design = ExperimentDesign(dossier.experiment)
        data = ExperimentData(design: design)
        experiment = Experiment(design: design)
    }

    /// Every look, and where the first one that differs differs.
    package mutating func run() -> ReplayView {
        let view = dossier.experiment
        var result = ReplayView(
            experiment: view.id, deployment: view.deployment, looks: view.looks.count, agreeing: 0,
            recorded: view.decision, replayed: nil)
        var last: Look?
        var gone = 0
        var isLastAgreeing = true
        for (number, published) in view.looks.enumerated() {
            read(number)
            let elapsed = published.time.seconds(since: view.started)
            // An operator moved the ramp on; the step begins with the next look.
            experiment.advance(to: published.step - 1, elapsedSeconds: elapsed)
            data.beginLook(elapsedSeconds: elapsed)
            let look = experiment.look(at: data, elapsedSeconds: elapsed, isPaused: published.paused ?? false)
            data.endLook()
            last = look
            gone = max(gone, published.units - look.incumbent.units - look.candidate.units)
            let differences = Self.differences(look, published)
            isLastAgreeing = differences.isEmpty
            if differences.isEmpty {
                result.agreeing += 1
            } else if result.firstDifference == nil {
                result.firstDifference = ReplayView.Difference(
                    look: number, time: published.time, what: differences)
            }
        }
        result.replayed = experiment.decided?.rawValue
        if let latest = dossier.latestLook, latest >= view.looks.count {
            result.missing = latest + 1 - view.looks.count
        }
        // Where the last look itself comes out otherwise, the summary of it would too.
        let summary = isLastAgreeing ? last.map { Self.differences($0, view) } ?? [] : []
        if !summary.isEmpty { result.summary = summary }
        // After an erasure in its midst the looks before it counted more than there are; those who came later are no substitute.
        if gone > 0 { result.gone = gone }
        return result
    }

    private mutating func read(_ look: Int) {
        for row in dossier.assignments[look] ?? [] where row.excluded == nil {
            guard let arm = ExperimentData.Arm(rawValue: row.arm) else { continue }
            arms[row.unit] = arm
            guard row.enrolledAs == nil else { continue }
            data.enrol(
                unit: row.unit, in: arm,
                earlier: EarlierRatings(ratings: row.earlierRatings ?? 0, scores: row.earlierScores ?? 0),
                isNewcomer: row.newcomer ?? false)
        }
        for row in dossier.difficulties[look] ?? [] {
            guard let arm = arms[row.unit] else { continue }
            data.know(row.difficulty.map { .nats($0) } ?? .none, ofFirstQueryOf: row.unit, in: arm)
        }
        let view = dossier.experiment
        for row in dossier.newcomers[look] ?? [] {
            for newcomer in row.newcomers {
                data.arrive(newcomer: newcomer, receivedSeconds: row.received.seconds(since: view.started))
            }
        }
        let scales =
            [(metric: Int?.none, name: String?.some(view.goal), scale: ScaleView?.some(view.design.scale))]
            + (view.design.metrics ?? []).enumerated().map { ($0, $1.scaleName, $1.scale) }
        for row in dossier.ratings[look] ?? [] {
            guard let arm = arms[row.unit] else { continue }
            ratings += 1
            let interaction = number(of: row.interaction)
            for (metric, name, scale) in scales where name == row.scale {
                guard let score = scale?.score(of: row.value) else { continue }
                data.rate(
                    ExperimentData.Rating(
                        unit: row.unit, arm: arm, rater: row.rater, interaction: interaction, score: score,
                        time: row.time.milliseconds, sequence: ratings,
                        receivedSeconds: row.received.seconds(since: view.started),
                        isByNewcomer: row.newcomer ?? false, metric: metric))
            }
        }
        for row in dossier.requests[look] ?? [] {
            guard let arm = arms[row.unit] else { continue }
            guard row.otherArm != true else {
                data.leaveOut(unit: row.unit, of: arm)
                continue
            }
            data.serve(
                unit: row.unit, arm: arm,
                RequestOutcome(
                    failed: row.failed, latencyMilliseconds: row.latencyMilliseconds,
                    firstTokenMilliseconds: row.timeToFirstTokenMilliseconds, promptTokens: row.promptTokens,
                    completionTokens: row.completionTokens), interaction: number(of: row.interaction),
                receivedSeconds: (row.received ?? row.time).seconds(since: view.started))
        }
    }

    private mutating func number(of interaction: String) -> Int64 {
        let number = interactions[interaction] ?? Int64(interactions.count)
        interactions[interaction] = number
        return number
    }

    /// What is said of the experiment as a whole and does not come out of its last look.
    private static func differences(_ look: Look, _ view: ExperimentView) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ ours: Double?, _ theirs: Double?) {
            if let ours, let theirs, abs(ours - theirs) <= 1e-6 * max(1, abs(theirs)) { return }
            guard ours != nil || theirs != nil else { return }
            let text = { (value: Double?) in value.map { "\($0)" } ?? "none" }
            found.append("\(name) is \(text(theirs)) in the summary and \(text(ours)) at the last look")
        }
        for arm in view.arms {
            let ours = arm.arm == "incumbent" ? look.incumbent : look.candidate
            compare("the number of units of the \(arm.arm)", Double(ours.units), Double(arm.units))
            compare("the number of rated units of the \(arm.arm)", Double(ours.rated), Double(arm.rated))
            compare("the mean of the \(arm.arm)", ours.mean, arm.mean)
        }
        for shown in view.guardrails {
            guard let ours = look.guardrails.first(where: { $0.name == shown.name }) else {
                found.append("\(shown.name) is no guardrail of the design")
                continue
            }
            if shown.ok != (!ours.isBroken && ours.goal != .outOfReach) {
                found.append("\(shown.name) is \(shown.ok ? "well" : "broken") in the summary alone")
            }
        }
        guard !view.arms.isEmpty else { return found }
        if view.guardrails.map(\.name).sorted() != look.guardrails.map(\.name).sorted() {
            found.append("the guardrails are not those of the design")
        }
        compare("the p-value of the assignments", look.assignmentPValue, view.sampleRatio.assignments.pValue)
        compare("the p-value of who rates", look.raterPValue, view.sampleRatio.raters.pValue)
        return found
    }

    /// What of a look came out otherwise than it was recorded; figures may differ by a millionth.
    private static func differences(_ look: Look, _ published: LookView) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ ours: Double?, _ theirs: Double?) {
            switch (ours, theirs) {
            case (nil, nil): return
            case (let ours?, let theirs?) where abs(ours - theirs) <= 1e-6 * max(1, abs(theirs)): return
            default:
                let text = { (value: Double?) in value.map { "\($0)" } ?? "none" }
                found.append("\(name) was \(text(theirs)) and is \(text(ours))")
            }
        }
        compare("step", Double(look.step + 1), Double(published.step))
        compare("units", Double(look.incumbent.units + look.candidate.units), Double(published.units))
        compare("rated units", Double(look.incumbent.rated + look.candidate.rated), Double(published.rated))
        compare("difference", look.difference, published.difference)
        compare("lower end", look.lower, published.interval?.first)
        compare("upper end", look.upper, published.interval?.last)
        compare("relative difference", look.relative?.difference, published.relative?.first)
        compare("relative difference, lower end", look.relative?.lower, published.relative?.dropFirst().first)
        compare("relative difference, upper end", look.relative?.upper, published.relative?.last)
        compare("share of the variance kept", look.varianceKept, published.varianceKept)
        compare("share of raters of others' answers", look.raterShare, published.raterShare)
        compare("pairs of the harm game", Double(look.harmPairs), Double(published.harmPairs))
        compare("wealth against harm", look.harmLogWealth, published.harmLogWealth)
        compare("p-value of the assignments", look.assignmentPValue, published.assignmentPValue)
        compare("p-value of who rates", look.raterPValue, published.raterPValue)
        compare("good ratings by request", look.perRequest?.good, published.perRequest?.good)
        compare("bad ratings by request", look.perRequest?.bad, published.perRequest?.bad)
        compare("rated requests", look.perRequest?.rated, published.perRequest?.rated)
        compare("rated requests, lower end", look.perRequest?.ratedLower, published.perRequest?.ratedInterval?.first)
        compare("lowest bound", look.perRequest?.lowest, published.perRequest?.bounds.first)
        compare("highest bound", look.perRequest?.highest, published.perRequest?.bounds.last)
        if look.usesDifficulty != published.difficulty {
            found.append("the difficulty of first queries was \(published.difficulty == true ? "" : "not ")taken in")
        }
        for (name, isSignal, recorded) in [
            ("guardrails", false, published.brokenGuardrails), ("signals", true, published.brokenSignals),
        ] {
            let broken = look.guardrails.filter { $0.isBroken && ($0.isSignal == true) == isSignal }.map(\.name)
            if broken != recorded ?? [] {
                found.append("broken \(name) were \(recorded ?? []) and are \(broken)")
            }
        }
        for (metric, recorded) in zip(look.guardrails.dropFirst(2), published.metrics ?? []) {
            compare("\(metric.name), how much worse", metric.difference, recorded.worsening)
            compare("\(metric.name), lower end", metric.lower, recorded.lower)
            compare("\(metric.name), upper end", metric.upper, recorded.upper)
        }
        if look.decision.rawValue != published.decision {
            found.append("the decision was \(published.decision) and is \(look.decision.rawValue)")
        }
        return found
    }
}

extension ScaleView {
    /// In [0, 1]; nil where the value is neither a number nor a word of the scale.
    func score(of value: JSONValue) -> Double? {
        let number = value.stringValue.flatMap { words?.firstIndex(of: $0) }.map(Double.init) ?? value.doubleValue
        return number.map { min(1, max(0, ($0 - worst) / (best - worst))) }
    }
}
