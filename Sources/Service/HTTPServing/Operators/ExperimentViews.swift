import API
import Experimentation
import FeedbackLoop
import Settings
import Store
import Traffic
import Values

extension DaemonRoutes {
    func view(of record: ExperimentRecord, in deployment: ServedDeployment) async throws -> ExperimentView {
        let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
        let experiment = try StrictJSON.decode(
            Experiment.self, parsing: record.state.bytes, ignoringUnknownFields: true)
        let records = try await context.store.looks(experiment: record.id)
        let looks = try records.map { look in
            (look, try StrictJSON.decode(Look.self, from: look.result, ignoringUnknownFields: true))
        }
        let last = looks.last?.1
        let base = deployment.settings.servedBaseName
        let goal = deployment.loop.goal(of: design)
        return ExperimentView(
            id: record.id, deployment: record.deployment, cycle: record.cycle,
            state: record.ended != nil ? .decided : deployment.loop.view.state.isPaused ? .paused : .running,
            incumbent: record.incumbent == base ? nil : record.incumbent, candidate: record.candidate,
            started: record.started, ended: record.ended,
            arms: [
                Self.arm("incumbent", record.incumbent, last?.incumbent, design),
                Self.arm("candidate", record.candidate, last?.candidate, design),
            ],
            goal: goal.name, alpha: design.alpha, harmAlpha: design.harmAlpha,
            tuning: design.tuning, minimumEffect: design.minimumEffect,
            design: DesignView(design, goal: goal), salt: record.salt,
            exposure: experiment.exposure * 100, step: experiment.step + 1,
            ramp: Self.ramp(design, experiment, record, looks),
            looks: looks.map { Self.look($0.0, $0.1) },
            guardrails: (last?.guardrails ?? []).map { guardrail in
                GuardrailView(
                    name: guardrail.name, incumbent: guardrail.incumbent ?? Self.mean(guardrail.name, last?.incumbent),
                    candidate: guardrail.candidate ?? Self.mean(guardrail.name, last?.candidate),
                    limit: guardrail.limit,
                    role: guardrail.goal != nil ? "goal" : guardrail.isSignal == nil ? "guardrail" : "signal",
                    ok: !guardrail.isBroken && guardrail.goal != .outOfReach,
                    detail: Self.detail(guardrail, of: last, design))
            },
            sampleRatio: Self.sampleRatio(last), decision: record.decision, reason: record.reason ?? last?.reason,
            next: record.ended == nil ? Self.next(of: record, last, in: deployment) : nil,
            daysLeft: record.ended == nil ? Self.daysLeft(record, looks.map(\.1), design) : nil,
            heldBy: Self.holder(of: record, in: deployment),
            bursts: last?.bursts?.map { burst in
                BurstView(
                    from: record.started.advanced(bySeconds: burst.from),
                    until: record.started.advanced(bySeconds: burst.until), newcomers: burst.newcomers)
            },
            difficulty: Self.difficulty(of: record, in: deployment), pinned: Self.pinned(deployment.settings.experiment)
        )
    }

    /// How much worse it is, in words.
    private static func detail(_ guardrail: Look.Guardrail, of last: Look?, _ design: ExperimentDesign) -> String {
        let metric = design.metrics.first { $0.name == guardrail.name }
        let isRelative = guardrail.name == "latency" || metric?.change == .relative
        func amount(_ value: Double) -> String {
            let tenths = ((isRelative ? (value - 1) * 100 : value) * 1000).rounded() / 1000
            let rounded = isRelative ? (tenths * 10).rounded() / 10 : tenths
            return "\(rounded > 0 ? "+" : "")\(rounded)\(isRelative ? "%" : "")"
        }
        if let goal = guardrail.goal { return Self.goal(guardrail, goal, base: isRelative ? 1 : 0, amount) }
        let better = metric?.better == .higher ? " (higher is better: how far it fell)" : ""
        let allowed = "up to \(amount(guardrail.limit)) is allowed"
        guard let worsening = guardrail.difference, let lower = guardrail.lower else {
            return "\(standing(of: guardrail, last)); \(allowed)"
        }
        return "\(amount(worsening)) worse, at least \(amount(lower)); \(allowed)\(better)"
    }

    /// Of a guardrail without an interval.
    private static func standing(of guardrail: Look.Guardrail, _ last: Look?) -> String {
        if guardrail.isBroken { return "worse, by the units' first requests or their last ones" }
        if guardrail.name == "errors" {
            return last.map { $0.candidate.errors + $0.incumbent.errors == 0 } ?? true ? "none yet" : "too few to say"
        }
        let incumbent = guardrail.incumbent ?? mean(guardrail.name, last?.incumbent)
        let candidate = guardrail.candidate ?? mean(guardrail.name, last?.candidate)
        return incumbent != nil && incumbent == candidate ? "alike so far" : "too few to say"
    }

    /// Worsenings are kept; people are told how much better the goal is.
    private static func goal(
        _ guardrail: Look.Guardrail, _ goal: Look.Goal, base: Double, _ amount: (Double) -> String
    ) -> String {
        func gain(_ worsening: Double) -> String { amount(2 * base - worsening) }
        let wanted = "\(gain(guardrail.limit)) or more is worth a promotion"
        guard let worsening = guardrail.difference, let lower = guardrail.lower, let upper = guardrail.upper else {
            return "too few to say; \(wanted)"
        }
        let standing =
            switch goal {
            case .shown: "shown"
            case .missing: "shown where there are values, which requests of one arm lack more often than of the other"
            case .open: "not shown yet"
            case .outOfReach: "too little, if anything"
            }
        return "\(gain(worsening)) better (\(gain(upper)) to \(gain(lower))): \(standing); \(wanted)"
    }

    private static func daysLeft(
        _ record: ExperimentRecord, _ looks: [Look], _ design: ExperimentDesign
    ) -> DaysLeftView {
        let outlook = ExperimentOutlook(looks, of: design)
        return DaysLeftView(
            until: record.started.advanced(bySeconds: design.longestSeconds),
            longest: outlook.longest / design.daySeconds, expected: outlook.promotion.map { $0 / design.daySeconds })
    }

    /// What is waited for: as the last look says, unless an operator holds it, or has let it go since.
    private static func next(of record: ExperimentRecord, _ last: Look?, in deployment: ServedDeployment) -> String? {
        if let held = deployment.loop.view.state.release(of: record.id) { return held }
        return last?.isPaused == true ? "goes on with the next look" : last?.next
    }

    private static func holder(of record: ExperimentRecord, in deployment: ServedDeployment) -> String? {
        let cycle = deployment.loop.view.state.cycle
        return cycle?.experiment == record.id ? cycle?.heldBy : nil
    }

    private static func difficulty(of record: ExperimentRecord, in deployment: ServedDeployment) -> DifficultyView? {
        guard let view = deployment.loop.view.difficulty, view.experiment == record.id else { return nil }
        return DifficultyView(asked: view.asked, waiting: view.waiting, trouble: view.trouble)
    }

    private static func pinned(_ settings: ExperimentSettings) -> PinnedView? {
        let (candidate, incumbent) = (settings.pinnedToCandidate.count, settings.pinnedToIncumbent.count)
        return candidate + incumbent > 0 ? PinnedView(candidate: candidate, incumbent: incumbent) : nil
    }

    private static func arm(
        _ name: String, _ adapter: String, _ arm: Look.Arm?, _ design: ExperimentDesign
    ) -> ArmView {
        // Scores lie in [0, 1], though what a few ratings leave open is more.
        var interval: [Double]?
        if let lower = arm?.lower, let upper = arm?.upper { interval = [max(0, lower), min(1, upper)] }
        return ArmView(
            arm: name, adapter: adapter, units: arm?.units ?? 0, rated: arm?.rated ?? 0, mean: arm?.mean,
            interval: interval,
            aside: arm?.aside.map {
                AsideView(
                    rated: $0.rated, ratings: $0.ratings, mean: $0.mean,
                    why: design.setsNewcomersAside ? "newcomer" : "burst")
            },
            waiting: arm?.waiting.map { WaitingView(rated: $0.rated, ratings: $0.ratings) },
            inBothArms: arm?.inBothArms, failing: arm?.failing)
    }

    private static func mean(_ guardrail: String, _ arm: Look.Arm?) -> Double? {
        guard let arm else { return nil }
        if guardrail == "latency" { return arm.latencyMilliseconds }
        guard guardrail == "errors" else { return nil }
        return arm.requests > 0 ? Double(arm.errors) / Double(arm.requests) : nil
    }

    private static func look(_ record: LookRecord, _ look: Look) -> LookView {
        var interval: [Double]?
        if let lower = look.lower, let upper = look.upper { interval = [lower, upper] }
        func broken(_ isSignal: Bool) -> [String]? {
            let names = look.guardrails.filter { $0.isBroken && ($0.isSignal == true) == isSignal }.map(\.name)
            return names.isEmpty ? nil : names
        }
        let metrics = look.guardrails.dropFirst(2).map {
            MetricLookView(name: $0.name, worsening: $0.difference, lower: $0.lower, upper: $0.upper)
        }
        return LookView(
            time: record.time, step: look.step + 1, units: look.incumbent.units + look.candidate.units,
            rated: look.incumbent.rated + look.candidate.rated, difference: look.difference, interval: interval,
            relative: look.relative.map { [$0.difference, $0.lower, $0.upper] }, varianceKept: look.varianceKept,
            raterShare: look.raterShare,
            difficulty: look.usesDifficulty, harmPairs: look.harmPairs, harmLogWealth: look.harmLogWealth,
            assignmentPValue: look.assignmentPValue, raterPValue: look.raterPValue,
            perRequest: look.perRequest.map(PerRequestView.init),
            metrics: metrics.isEmpty ? nil : metrics, brokenGuardrails: broken(false), brokenSignals: broken(true),
            paused: look.isPaused ? true : nil,
            decision: look.decision.rawValue)
    }

    private static func ramp(
        _ design: ExperimentDesign, _ experiment: Experiment, _ record: ExperimentRecord,
        _ looks: [(LookRecord, Look)]
    ) -> [RampStepView] {
        design.steps.enumerated().map { step, exposure in
            let end = looks.first { $0.1.step == step && $0.1.decision == .advance }
            let start = step == 0 ? record.started : looks.first { $0.1.step == step }?.0.time
            // Who moved it on is in the actions; the next step begins with the first look that saw it.
            let later = looks.first { $0.1.step > step }?.0.time
            return RampStepView(
                exposure: exposure * 100, started: step <= experiment.step ? start : nil, ended: end?.0.time ?? later,
                reason: end?.1.reason ?? later.map { _ in "an operator moved the ramp on" })
        }
    }

    private static func sampleRatio(_ look: Look?) -> SampleRatioView {
        func check(_ incumbent: Int, _ candidate: Int, _ pValue: Double) -> SampleRatioCheck {
            SampleRatioCheck(
                incumbent: incumbent, candidate: candidate, pValue: pValue,
                ok: pValue >= ExperimentDesign.sampleRatioAlpha)
        }
        // Of those who were seen in both arms neither is compared.
        func compared(_ arm: Look.Arm?) -> Int { arm.map { $0.units - ($0.inBothArms ?? 0) } ?? 0 }
        return SampleRatioView(
            assignments: check(compared(look?.incumbent), compared(look?.candidate), look?.assignmentPValue ?? 1),
            raters: check(look?.incumbent.rated ?? 0, look?.candidate.rated ?? 0, look?.raterPValue ?? 1),
            requests: RatedShareCheck(
                incumbent: look?.perRequest?.ratedShare,
                candidate: look?.perRequest.flatMap { shares in shares.ratedShare.map { $0 + shares.rated } },
                ok: look?.ratedSharesDiffer != true))
    }
}

extension PerRequestView {
    init(_ perRequest: Look.PerRequest) {
        var interval: [Double]?
        if let lower = perRequest.ratedLower, let upper = perRequest.ratedUpper { interval = [lower, upper] }
        self.init(
            good: perRequest.good, bad: perRequest.bad, rated: perRequest.rated, ratedInterval: interval,
            bounds: [perRequest.lowest, perRequest.highest])
    }
}

extension DesignView {
    init(_ design: ExperimentDesign, goal: GoalScale) {
        self.init(
            burnInUnits: design.burnInUnits, leastStepUnits: design.leastStepUnits,
            leastStepSeconds: design.leastStepSeconds, longestSeconds: design.longestSeconds,
            ratingsPerRaterPerDay: design.ratingsPerRaterPerDay, ratingsPerUnitPerDay: design.ratingsPerUnitPerDay,
            requestsPerUnitPerDay: design.requestsPerUnitPerDay < ExperimentDesign.unlimited
                ? design.requestsPerUnitPerDay : nil,
            daySeconds: design.daySeconds,
            errorMargin: design.errorMargin, latencyRatio: design.latencyRatio, holdBack: design.isHoldBack,
            newcomersAside: design.setsNewcomersAside ? true : nil, burstLimits: design.burstLimits?.hourly,
            difficulty: design.asksDifficulty ? true : nil, latest: design.watchesLatest ? true : nil,
            margin: design.margin,
            approvalSteps: design.approvalSteps.isEmpty ? nil : design.approvalSteps.map { $0 + 1 },
            metrics: design.metrics.isEmpty ? nil : design.metrics.map(MetricView.init),
            scale: ScaleView(worst: goal.worst, best: goal.best, words: goal.words))
    }
}

extension MetricView {
    init(_ metric: MetricDesign) {
        self.init(
            name: metric.name, of: metric.measure.rawValue, scaleName: metric.scale?.name,
            scale: metric.scale.map { ScaleView(worst: $0.worst, best: $0.best, words: $0.words) },
            quantile: metric.quantile, per: metric.per.rawValue, better: metric.better.rawValue,
            role: metric.role.rawValue, change: metric.change.rawValue, limit: metric.limit)
    }
}
