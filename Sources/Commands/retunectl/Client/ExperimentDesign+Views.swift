import API
import Experimentation

extension ExperimentDesign {
    /// What an experiment that began now would be decided by.
    init(_ plan: PlanView) {
        self.init(
            plan.design, alpha: plan.alpha, harmAlpha: plan.harmAlpha, steps: plan.ramp, tuning: plan.tuning,
            minimumEffect: plan.minimumEffect)
    }

    /// What an experiment was decided by.
    init(_ view: ExperimentView) {
        self.init(
            view.design, alpha: view.alpha, harmAlpha: view.harmAlpha, steps: view.ramp.map(\.exposure),
            tuning: view.tuning, minimumEffect: view.minimumEffect)
    }

    /// `steps`: in percent, as the API shows them.
    private init(
        _ design: DesignView, alpha: Double, harmAlpha: Double, steps: [Double], tuning: Double, minimumEffect: Double
    ) {
        self.init(
            alpha: alpha, harmAlpha: harmAlpha, steps: steps.map { $0 / 100 },
            leastStepSeconds: design.leastStepSeconds, leastStepUnits: design.leastStepUnits,
            longestSeconds: design.longestSeconds, minimumEffect: minimumEffect, burnInUnits: design.burnInUnits,
            tuning: tuning, latencyRatio: design.latencyRatio, errorMargin: design.errorMargin,
            ratingsPerRaterPerDay: design.ratingsPerRaterPerDay, ratingsPerUnitPerDay: design.ratingsPerUnitPerDay,
            requestsPerUnitPerDay: design.requestsPerUnitPerDay ?? ExperimentDesign.unlimited,
            daySeconds: design.daySeconds, isHoldBack: design.holdBack,
            setsNewcomersAside: design.newcomersAside ?? false,
            burstLimits: (design.burstLimits?.count == BurstLimits.hoursOfDay ? design.burstLimits : nil).map(
                BurstLimits.init(hourly:)), asksDifficulty: design.difficulty ?? false,
            watchesLatest: design.latest ?? false, margin: design.margin,
            approvalSteps: (design.approvalSteps ?? []).map { $0 - 1 },
            metrics: (design.metrics ?? []).compactMap(MetricDesign.init))
    }
}

extension MetricDesign {
    /// Nil where a word is none that this program knows.
    init?(_ view: MetricView) {
        guard let measure = Measure(rawValue: view.of), let per = Per(rawValue: view.per),
            let better = Direction(rawValue: view.better), let role = Role(rawValue: view.role),
            let change = Change(rawValue: view.change)
        else { return nil }
        self.init(
            name: view.name, measure: measure,
            scale: view.scale.map {
                GoalScale(name: view.scaleName ?? "", worst: $0.worst, best: $0.best, words: $0.words)
            }, quantile: view.quantile, per: per, better: better, role: role, change: change, limit: view.limit)
    }
}
