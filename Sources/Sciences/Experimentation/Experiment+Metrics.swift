extension Experiment {
    /// What may not get worse: the guardrails, then the signals; last the metric that is the goal, where one is. All guardrails
    /// share one error rate equally, and so do all signals; the goal has that of the promotion.
    ///
    /// - Parameter errors: the harm game on whether a unit's first request was answered.
    func checks(incumbent: ArmData, candidate: ArmData, errors: HarmGame) -> [Look.Guardrail] {
        let guardrails = design.metrics.filter { $0.role == .guardrail }.count + 2
        let signals = design.metrics.count { $0.role == .signal }
        let alpha = ExperimentDesign.guardrailAlpha / Double(guardrails)
        let own = zip(candidate.metrics, incumbent.metrics).map { candidate, incumbent in
            switch candidate.metric.role {
            case .guardrail: check(candidate, incumbent, alpha: alpha)
            case .signal: check(candidate, incumbent, alpha: ExperimentDesign.guardrailAlpha / Double(signals))
            case .goal: check(candidate, incumbent, alpha: design.alpha / 2)
            }
        }
        func checks(_ role: MetricDesign.Role) -> [Look.Guardrail] {
            zip(design.metrics, own).filter { $0.0.role == role }.map(\.1)
        }
        return [
            errorsCheck(candidate, incumbent, game: errors, alpha: alpha), latency(candidate, incumbent, alpha: alpha),
        ] + checks(.guardrail) + checks(.signal) + checks(.goal)
    }

    /// A rise of the share of failed requests beyond the margin; and, from the first unit on, the harm game and what units met
    /// last. Half of the error rate is the sequence's, the others share the rest.
    private func errorsCheck(
        _ candidate: ArmData, _ incumbent: ArmData, game: HarmGame, alpha: Double
    ) -> Look.Guardrail {
        var errors = Look.Guardrail(name: "errors", limit: design.errorMargin, isBroken: false)
        let (treated, control) = (candidate.errorSummary, incumbent.errorSummary)
        if min(treated.ratedUnits, control.ratedUnits) >= design.burnInUnits,
            let bound = ConfidenceSequence.difference(treated, control, alpha: alpha, tuning: design.tuning)
        {
            errors.difference = bound.difference
            errors.lower = bound.lower
            errors.isBroken = bound.lower > design.errorMargin
        }
        if game.refuses(alpha: alpha / (design.watchesLatest ? 4 : 2)) { errors.isBroken = true }
        if design.watchesLatest,
            LatestOutcomes.refuses(
                candidate: candidate.lastRequests, control: incumbent.lastRequests, alpha: alpha / 4, look: looks)
        {
            errors.isBroken = true
        }
        return errors
    }

    private func latency(_ candidate: ArmData, _ incumbent: ArmData, alpha: Double) -> Look.Guardrail {
        var latency = Look.Guardrail(name: "latency", limit: design.latencyRatio, isBroken: false)
        let (treated, control) = (candidate.latencySummary, incumbent.latencySummary)
        if min(treated.ratedUnits, control.ratedUnits) >= design.burnInUnits,
            let bound = ConfidenceSequence.relative(treated, control, alpha: 2 * alpha, tuning: design.tuning)
        {
            latency.difference = 1 + bound.difference
            latency.lower = 1 + bound.lower
            latency.isBroken = 1 + bound.lower > design.latencyRatio
        }
        return latency
    }

    private func check(
        _ candidate: MetricSummary, _ incumbent: MetricSummary, alpha: Double
    ) -> Look.Guardrail {
        let metric = candidate.metric
        // What a relative metric came to stands as a ratio to what it was.
        let base = metric.change == .relative ? 1.0 : 0
        var check = Look.Guardrail(
            name: metric.name, isSignal: metric.role == .signal ? true : nil, incumbent: incumbent.estimate,
            candidate: candidate.estimate, limit: base + metric.limit, isBroken: false)
        if metric.role == .goal {
            (check.goal, check.limit, check.isRelative) = (.open, base - metric.limit, metric.change == .relative)
        }
        guard min(candidate.units, incumbent.units) >= design.burnInUnits,
            let comparison = MetricComparison(
                candidate: candidate, incumbent: incumbent, alpha: alpha, tuning: design.tuning)
        else { return check }
        check.difference = base + comparison.worsening
        check.lower = base + comparison.lower
        guard metric.role == .goal else {
            check.isBroken = comparison.lower > metric.limit
            return check
        }
        check.upper = base + comparison.upper
        check.goal =
            comparison.isBetter
            ? candidate.isAsPresent(as: incumbent) ? .shown : .missing
            : comparison.upper >= 0 && comparison.lower > -metric.limit ? .outOfReach : .open
        return check
    }
}
