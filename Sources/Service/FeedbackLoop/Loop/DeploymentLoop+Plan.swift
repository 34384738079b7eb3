package import Experimentation
import Settings
import Store
import Values

/// What an experiment could decide in time, before anybody is exposed.
extension DeploymentLoop {
    /// Why the experiment would take too long, and what would not; nil where it would not either. Without the gate's evidence
    /// nothing is planned.
    ///
    /// The gate's few rows say little of the gain in right answers, so the plan asks whether the *best* that they leave
    /// plausible could be shown in time; what turns out smaller is stopped for futility.
    func planProblem(_ report: Gate.Report, at now: Timestamp) async throws -> PlanProblem? {
        guard context.deployment.gate.enabled, let right = report.recentRight else { return nil }
        let design = try await experimentDesign(at: now)
        let rate = try await recentRatings(at: now)
        let effect = max(design.minimumEffect, right.upper ?? right.estimate)
        let share = min(0.95, max(0.05, right.incumbent + effect / 2))
        let variance = share * (1 - share)
        let seconds = ExperimentPlan.seconds(
            design: design, ratingsPerSecond: rate, variance: variance, effect: effect)
        guard seconds > design.longestSeconds else { return nil }
        let days = seconds / design.daySeconds
        let time = days < 10_000 ? "\(Int(days.rounded(.up))) days" : "years"
        return PlanProblem(
            reason:
                "even a gain of \(percent(effect)), the best that the gate's rows leave plausible, would take \(time) to show at this traffic, longer than is allowed",
            offers: try await offers(
                design, ratingsPerSecond: rate, variance: variance, gain: max(0, right.estimate),
                candidate: state.cycle?.candidate),
            smallestMargin: ExperimentPlan.smallestEffect(
                design: design, ratingsPerSecond: rate, variance: variance
            ).map { max(0.001, $0 - max(0, right.estimate)) })
    }

    /// What can be decided in time where a difference of `design.minimumEffect` cannot.
    ///
    /// - Parameters:
    ///   - ratingsPerSecond: independent ones.
    ///   - variance: of single ratings.
    ///   - gain: of the candidate, as far as it is known; 0 where nothing is.
    ///   - candidate: its name, where there is one.
    package func offers(
        _ design: ExperimentDesign, ratingsPerSecond: Double, variance: Double, gain: Double, candidate: String? = nil
    ) async throws -> [ComparisonOffer] {
        var offers: [ComparisonOffer] = []
        let margin = context.deployment.experiment.margin
        let seconds = ExperimentPlan.seconds(
            design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, effect: margin + gain)
        if seconds <= design.longestSeconds {
            offers.append(
                ComparisonOffer(
                    terms: ComparisonTerms(kind: .nonInferiority, margin: margin), days: seconds / design.daySeconds,
                    detail:
                        "at most \(percent(margin)) worse on live traffic; that it is better is the gate's evidence and your word"
                ))
        }
        if let effect = ExperimentPlan.smallestEffect(
            design: design, ratingsPerSecond: ratingsPerSecond, variance: variance),
            effect > design.minimumEffect
        {
            offers.append(
                ComparisonOffer(
                    terms: ComparisonTerms(kind: .superiority, minimumEffect: effect),
                    days: ExperimentPlan.seconds(
                        design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, effect: effect)
                        / design.daySeconds,
                    detail: "better by \(percent(effect)) or more on live traffic; what gains less ends undecided"))
        }
        if let replay = try await replayOffer(design, candidate: candidate) { offers.append(replay) }
        return offers
    }

    /// Nil where nothing can answer, or where too few have asked.
    private func replayOffer(_ design: ExperimentDesign, candidate: String?) async throws -> ComparisonOffer? {
        guard context.deployment.hasServer else { return nil }
        let pairs = try await replayableQueries("", candidate: candidate ?? "").count
        guard let mean = ShadowReplay.decidingMean(pairs: pairs, design) else { return nil }
        return ComparisonOffer(
            terms: ComparisonTerms(kind: .shadow), days: nil,
            detail:
                "better on \(pairs) logged queries that both answer again, judged blind; nobody is exposed, it takes as long as people take to judge, and where no two answers are the same about \(percent(mean)) have to speak for the candidate"
        )
    }

    /// Ratings a second over the last two days of the deployment's own time.
    private func recentRatings(at now: Timestamp) async throws -> Double {
        let seconds = context.settings.scaled(.seconds(2 * 86_400))
        let since = now.advanced(bySeconds: -seconds)
        var count = 0
        var sequence: Int64 = 0
        while true {
            let page = try await context.store.ratedInteractions(
                deployment: name, from: since, until: Timestamp(milliseconds: .max), after: sequence, limit: 2000)
            count += page.count
            guard let last = page.last, page.count == 2000 else { break }
            sequence = last.interaction.sequence
        }
        return Double(count) / seconds
    }
}
