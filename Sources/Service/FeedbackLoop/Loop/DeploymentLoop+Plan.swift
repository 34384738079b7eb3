package import Experimentation
import Settings
import Store
import Traffic
package import Values

/// What an experiment could decide in time, before anybody is exposed.
extension DeploymentLoop {
    /// Why the experiment would take too long, and what would not; nil where it would not either. Without the gate's evidence
    /// nothing is planned.
    ///
    /// The gate's few rows say little of the gain in right answers, so the plan asks whether the *best* that they leave
    /// plausible could be shown in time; what turns out smaller is stopped for futility.
    package func planProblem(_ report: Gate.Report, at now: Timestamp) async throws -> PlanProblem? {
        guard context.deployment.gate.enabled, let right = report.recentRight else { return nil }
        let design = try await experimentDesign(at: now)
        let recent = try await recentRatings(at: now)
        let (rate, units) = (recent.perSecond, recent.units)
        let starts = units.stepStarts(of: design)
        let goal = try await goalPlan(design, starts: starts, at: now)
        let plausible = right.upper ?? right.estimate
        // What is left above the mean, where it is known.
        let room = recent.isOfNow ? recent.mean.map { 1 - $0 } ?? 1 : 1
        let effect =
            goal == nil
            ? max(design.minimumEffect, min(plausible, room)) : (design.margin ?? 0) + max(0, plausible)
        let share = min(0.95, max(0.05, right.incumbent + effect / 2))
        // People's ratings say how they vary; the rows, whose right answer is one text, know it where nobody rated since the drift.
        let variance =
            recent.isOfNow && recent.variance > 0 ? recent.variance : max(recent.variance, share * (1 - share))
        let seconds = max(
            units.seconds(untilInArm: design.burnInUnits, of: design),
            ExperimentPlan.seconds(
                design: design, ratingsPerSecond: rate, variance: variance, effect: effect, starts: starts))
        let hasUnits = units.suffice(for: design)
        // Ratings that are all the best leave nothing to be better by, nor anything to tell, whatever the gate's rows say.
        let areAllBest = recent.areAllBest
        let isDecidable = hasUnits && !areAllBest
        let hasRoom = goal != nil || room >= design.minimumEffect - Self.rounding
        guard !isDecidable || !hasRoom || max(seconds, goal?.seconds ?? 0) > design.longestSeconds else { return nil }
        func takes(_ what: String, _ seconds: Double) -> String {
            let days = seconds / design.daySeconds
            let time = days < 10_000 ? "\(Int(days.rounded(.up))) days" : "years"
            return "\(what) would take \(time) to show at this traffic, longer than is allowed"
        }
        let reason =
            if !hasUnits {
                "some \(Int(units.inArm(by: design.longestSeconds, of: design))) rated units, by chance fewer, would come in each arm by the longest duration, and a decision asks for \(design.burnInUnits)"
            } else if areAllBest {
                goal == nil
                    ? "all ratings of the last 14 days are the best that there is, so that none could be better"
                    : "all ratings of the last 14 days are the best that there is, so that nothing shows whether they get worse"
            } else if !hasRoom, let mean = recent.mean {
                "the ratings of late have a mean of \(thousandths(mean)), so that none could be better by \(percent(design.minimumEffect))"
            } else if let goal, goal.isUnmeasured {
                "no request of the last 14 days has a value of \(goal.metric)"
            } else if let goal, let mean = goal.mean, goal.isMoreThanThereIs {
                "\(goal.metric) has a mean of \(thousandths(mean)), so that it cannot be lower by \(goal.minimumEffect)"
            } else if let goal, let slowest = goal.seconds, slowest >= seconds {
                takes("that \(goal.metric) is better by as little as is worth a promotion", slowest)
            } else if goal != nil {
                takes("that the ratings are not worse by \(percent(design.margin ?? 0))", seconds)
            } else {
                takes(
                    effect == plausible
                        ? "even a gain of \(percent(effect)), the best that the gate's rows leave plausible,"
                        : effect == room
                            ? "even a gain of \(percent(effect)), all that the ratings leave room for,"
                            : "a gain of \(percent(effect)), the smallest that is worth a promotion and more than the right answers among the gate's rows leave plausible,",
                    seconds)
            }
        return PlanProblem(
            reason: reason,
            offers: try await offers(
                design, ratingsPerSecond: rate, variance: variance, starts: starts,
                mean: recent.isOfNow ? recent.mean ?? right.incumbent : right.incumbent,
                gain: max(0, right.estimate), plausible: right.upper, hasUnits: isDecidable, goal: goal,
                candidate: state.cycle?.candidate),
            smallestMargin: !isDecidable || (goal?.seconds ?? 0) > design.longestSeconds
                ? nil
                : ExperimentPlan.smallestEffect(
                    design: design, ratingsPerSecond: rate, variance: variance, starts: starts
                ).map { max(0.001, $0 - max(0, right.estimate)) })
    }

    /// What can be decided in time where a difference of `design.minimumEffect` cannot.
    ///
    /// - Parameters:
    ///   - ratingsPerSecond: independent ones.
    ///   - variance: of single ratings.
    ///   - starts: when the steps of the ramp begin, in seconds.
    ///   - mean: of the incumbent's scores, in [0, 1].
    ///   - gain: of the candidate, as far as it is known; 0 where nothing is.
    ///   - plausible: the largest gain that is; nil: nothing is known.
    ///   - hasUnits: as many rated units come in each arm as a decision asks for.
    ///   - goal: where a metric is the goal.
    ///   - candidate: its name, where there is one.
    package func offers(
        _ design: ExperimentDesign, ratingsPerSecond: Double, variance: Double, starts: [Double], mean: Double,
        gain: Double, plausible: Double? = nil, hasUnits: Bool, goal: GoalPlan? = nil, candidate: String? = nil
    ) async throws -> [ComparisonOffer] {
        var offers: [ComparisonOffer] = []
        guard hasUnits else {
            return try await replayOffer(design, candidate: candidate).map { [$0] } ?? []
        }
        if let goal {
            let margin = design.margin ?? 0
            let ratings = ExperimentPlan.seconds(
                design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, effect: margin + gain,
                starts: starts)
            // The ratings need not be better anyway, so that a larger improvement of the goal is all that could be asked for.
            if ratings <= design.longestSeconds, let effect = goal.smallestEffect, effect > goal.minimumEffect {
                let amount = goal.isRelative ? percent(effect) : "\((effect * 1000).rounded(.up) / 1000)"
                offers.append(
                    ComparisonOffer(
                        terms: ComparisonTerms(kind: .superiority, minimumEffect: effect),
                        days: design.longestSeconds / design.daySeconds,
                        detail:
                            "\(goal.metric) better by \(amount) or more, the ratings not worse by \(percent(margin)); what gains less ends undecided"
                    ))
            }
            if let replay = try await replayOffer(design, candidate: candidate) { offers.append(replay) }
            return offers
        }
        let margin = context.deployment.experiment.margin
        let seconds = ExperimentPlan.seconds(
            design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, effect: margin + gain,
            starts: starts)
        if seconds <= design.longestSeconds {
            offers.append(
                ComparisonOffer(
                    terms: ComparisonTerms(kind: .nonInferiority, margin: margin), days: seconds / design.daySeconds,
                    detail:
                        "at most \(percent(margin)) worse on live traffic; that it is better is the gate's evidence and your word"
                ))
        }
        if let effect = ExperimentPlan.smallestEffect(
            design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, starts: starts),
            effect > design.minimumEffect, mean + effect <= 1
        {
            let doubt =
                plausible.flatMap { $0 < effect ? "; the gate's rows speak for \(percent($0)) at most" : nil } ?? ""
            offers.append(
                ComparisonOffer(
                    terms: ComparisonTerms(kind: .superiority, minimumEffect: effect),
                    days: ExperimentPlan.seconds(
                        design: design, ratingsPerSecond: ratingsPerSecond, variance: variance, effect: effect,
                        starts: starts) / design.daySeconds,
                    detail:
                        "better by \(percent(effect)) or more on live traffic; what gains less ends undecided\(doubt)"))
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

    /// How long it takes to show the smallest improvement that is worth a promotion, where a metric is the goal; nil: none is.
    ///
    /// - Parameter starts: when the steps of the ramp begin, in seconds.
    package func goalPlan(
        _ design: ExperimentDesign, starts: [Double], at now: Timestamp
    ) async throws -> GoalPlan? {
        guard let metric = design.goalMetric else { return nil }
        var plan = GoalPlan(
            metric: metric.name, measure: metric.measure.rawValue, minimumEffect: metric.limit,
            isRelative: metric.change == .relative)
        var traffic = PlannedTraffic(end: loggedSeconds)
        let span = try await readLog(at: now) { request, seconds in
            let value = RequestOutcome(request).value(of: metric.measure)
            traffic.add(unit: request.unit, at: seconds, scores: value.map { [$0] } ?? [])
        }.span
        let summary = traffic.summary
        guard let mean = summary.mean else {
            (plan.seconds, plan.isUnmeasured) = (.infinity, true)
            return plan
        }
        // A quantile's sequence, and sums that grow as long as an experiment runs, are not planned.
        guard metric.quantile == nil, metric.per == .request else { return plan }
        // No metric is ever below zero.
        if metric.better == .lower, metric.change == .absolute, metric.limit > mean {
            (plan.mean, plan.seconds, plan.isMoreThanThereIs) = (mean, .infinity, true)
            return plan
        }
        guard let variance = summary.ratingVariance, variance > 0 else { return plan }
        plan.mean = mean
        // All by shares of the mean: what an effect takes depends on its ratio to the spread alone.
        let (rate, spread) = (traffic.information / span, variance / (mean * mean))
        let unit = metric.change == .relative ? 1 : mean
        plan.seconds = ExperimentPlan.seconds(
            design: design, ratingsPerSecond: rate, variance: spread, effect: metric.limit / unit,
            starts: starts)
        plan.smallestEffect = ExperimentPlan.smallestEffect(
            design: design, ratingsPerSecond: rate, variance: spread, starts: starts
        ).map { ($0 * unit * 1000).rounded(.up) / 1000 }
        return plan
    }

    /// How people rate, as in the last 14 days.
    private struct RecentRatings {
        /// Independent ones, as many more as what units rated earlier is worth.
        var perSecond: Double
        var units: RatingUnits
        /// Of single ratings: of those since the cycle's recent rows begin, where enough came since; else of all.
        var mean: Double?
        var variance: Double
        /// Whether enough came since then.
        var isOfNow: Bool
        /// Of all.
        var areAllBest: Bool
    }

    /// What the mean of the ratings is now; nil: nobody rated in the last 14 days.
    func ratingMean(at now: Timestamp) async throws -> Double? { try await recentRatings(at: now).mean }

    static let rounding = 1e-9

    /// Ratings since the drift that tell how people rate now.
    private static let leastRatingsOfNow = 100

    private func recentRatings(at now: Timestamp) async throws -> RecentRatings {
        let scale = goalScale
        var traffic = PlannedTraffic(end: loggedSeconds)
        var later = PlannedTraffic(end: loggedSeconds)
        let recentFrom = state.cycle?.recentFrom ?? now
        let log = try await readLog(at: now) { request, seconds in
            let scores = request.opinions.compactMap { scale.score(of: $0.value) }
            traffic.add(unit: request.unit, at: seconds, scores: scores)
            if request.time >= recentFrom { later.add(unit: request.unit, at: seconds, scores: scores) }
        }
        let isOfNow = later.summary.ratings >= Self.leastRatingsOfNow
        let summary = isOfNow ? later.summary : traffic.summary
        return RecentRatings(
            perSecond: traffic.information / traffic.varianceKept / log.span,
            units: traffic.ratingUnits(from: log.start, span: log.span), mean: summary.mean,
            variance: summary.ratingVariance ?? 0, isOfNow: isOfNow, areAllBest: traffic.summary.mean == 1)
    }

    /// The 14 days that plans are made from.
    private var loggedSeconds: Double { context.settings.scaled(.seconds(14 * 86_400)) }

    /// Reads the requests of the last 14 days, with their ratings on the goal's scale and the seconds since then.
    ///
    /// - Returns: when the first of them was made, in those seconds, and how long that was ago.
    private func readLog(
        at now: Timestamp, _ take: (RatedRequest, _ seconds: Double) -> Void
    ) async throws -> (start: Double, span: Double) {
        let from = now.advanced(bySeconds: -loggedSeconds)
        var first = now
        try await Self.pages(after: 0) { sequence, limit in
            let page = try await context.store.ratedRequests(
                deployment: name, scale: goalScale.name, from: from, after: sequence, limit: limit)
            for request in page {
                first = min(first, request.time)
                take(request, request.time.seconds(since: from))
            }
            return page.map(\.sequence)
        }
        return (first.seconds(since: from), max(1, now.seconds(since: first)))
    }

    func thousandths(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
