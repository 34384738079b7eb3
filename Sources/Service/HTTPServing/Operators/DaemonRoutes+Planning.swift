import API
import Experimentation
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Traffic
import Values

/// What an experiment that began now could decide, and the traffic that it is told from.
extension DaemonRoutes {
    private static let plannedDays = 14.0
    /// What a plan says of a candidate that is worse: by how much.
    private static let plannedHarm = [-0.02, -0.05, -0.1, -0.15]

    /// The requests of the last 14 days that an experiment could have counted, page by page.
    private func traffic(
        of deployment: ServedDeployment, from: Timestamp, after: Int64, limit: Int
    ) async throws -> [TrafficRow] {
        let scale = deployment.loop.goalScale
        return try await context.store.ratedRequests(
            deployment: deployment.name, scale: scale.name, from: from, after: after, limit: limit
        ).map { request in
            TrafficRow(
                seq: Int(request.sequence), unit: request.unit, time: request.time, failed: request.failed,
                latencyMilliseconds: request.latencyMilliseconds,
                timeToFirstTokenMilliseconds: request.timeToFirstTokenMilliseconds,
                promptTokens: request.promptTokens, completionTokens: request.completionTokens,
                scores: request.opinions.compactMap { opinion in
                    scale.score(of: opinion.value).map {
                        TrafficRow.Score(rater: opinion.rater, score: $0, received: opinion.received)
                    }
                })
        }
    }

    private var plannedSince: Timestamp {
        context.now().advanced(bySeconds: -context.settings.scaled(.seconds(Self.plannedDays * 86_400)))
    }

    func exportTraffic(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let from = plannedSince
        return try await export(call) { after, limit in
            try await traffic(of: deployment, from: from, after: after, limit: limit).map { (Int64($0.seq), $0) }
        }
    }

    func showPlan(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let now = context.now()
        let from = plannedSince
        var rows: [TrafficRow] = []
        var first = now
        var sequence: Int64 = 0
        var traffic = PlannedTraffic(end: now.seconds(since: from))
        repeat {
            rows = try await self.traffic(of: deployment, from: from, after: sequence, limit: Self.mostLines)
            for row in rows {
                first = min(first, row.time)
                traffic.add(unit: row.unit, at: row.time.seconds(since: from), scores: row.scores.map(\.score))
            }
            sequence = Int64(rows.last?.seq ?? 0)
        } while rows.count == Self.mostLines
        let seconds = max(1, now.seconds(since: first))
        return try .object(
            await plan(
                deployment, traffic, traffic.ratingUnits(from: first.seconds(since: from), span: seconds),
                seconds: seconds,
                design: try await deployment.loop.experimentDesign(at: now), at: now))
    }

    private func plan(
        _ deployment: ServedDeployment, _ traffic: PlannedTraffic, _ units: RatingUnits, seconds: Double,
        design: ExperimentDesign,
        at now: Timestamp
    ) async throws -> PlanView {
        let day = design.daySeconds
        let logDays = seconds / day
        let summary = traffic.summary
        let longestDays = design.longestSeconds / day
        var view = PlanView(
            feasible: false, longestDays: longestDays, minimumEffect: design.minimumEffect, logDays: logDays,
            requestsPerDay: Double(traffic.requests) / logDays, unitsPerDay: Double(traffic.unitCount) / logDays,
            ratingsPerDay: Double(summary.ratings) / logDays,
            ratedShare: traffic.unitCount == 0 ? 0 : Double(traffic.ratedUnitCount) / Double(traffic.unitCount),
            mean: summary.mean, harm: [], options: [], detail: "", alpha: design.alpha, harmAlpha: design.harmAlpha,
            tuning: design.tuning, ramp: design.steps.map { $0 * 100 },
            lookSeconds: context.settings.scaled(deployment.settings.experiment.lookInterval),
            design: DesignView(design, goal: deployment.loop.goal(of: design)))
        guard let mean = summary.mean, let variance = summary.ratingVariance, variance > 0 else {
            view.detail =
                summary.ratings == 0
                ? "No request of the last \(Int(Self.plannedDays)) days that names unit and adapter was rated, so nothing can be planned."
                : "All ratings of the last \(Int(Self.plannedDays)) days are alike, so nothing can be planned."
            // Judges of a replay may still tell the arms apart.
            view.offers = try await deployment.loop.offers(
                design, ratingsPerSecond: 0, variance: 0, starts: [], mean: summary.mean ?? 0, gain: 0, hasUnits: false
            ).map { OfferView($0, deployment: deployment.name) }
            return view
        }
        let independent = traffic.information / traffic.varianceKept
        let information = independent / seconds
        let effect = design.goalMetric == nil ? design.minimumEffect : design.margin ?? 0
        let needed = ExperimentPlan.ratingsNeeded(
            variance: variance, effect: effect, alpha: design.alpha, tuning: design.tuning)
        let starts = units.stepStarts(of: design)
        // Nothing is better than the best.
        let hasRoom = design.goalMetric != nil || mean + effect <= 1 + 1e-9
        let duration =
            !hasRoom
            ? .infinity
            : max(
                units.seconds(untilInArm: design.burnInUnits, of: design),
                ExperimentPlan.seconds(
                    design: design, ratingsPerSecond: information, variance: variance, effect: effect, starts: starts))
        if hasRoom {
            view.ratingsNeeded = max(
                2 * design.burnInUnits, Int((needed * Double(summary.ratings) / independent).rounded(.up)))
        }
        let unitsInArm = units.inArm(by: design.longestSeconds, of: design)
        let hasUnits = units.suffice(for: design)
        view.feasible = hasUnits && duration <= design.longestSeconds
        view.days = hasUnits && duration.isFinite ? duration / day : nil
        let goal = try await deployment.loop.goalPlan(design, starts: starts, at: now)
        if let goal {
            view.goal = GoalPlanView(
                metric: goal.metric, measure: goal.measure, minimumEffect: goal.minimumEffect,
                relative: goal.isRelative, mean: goal.mean,
                days: goal.seconds.flatMap { $0.isFinite ? $0 / day : nil })
            if let seconds = goal.seconds {
                view.feasible = view.feasible && seconds <= design.longestSeconds
                view.days = view.days.flatMap { seconds.isFinite ? max($0, seconds / day) : nil }
            }
        }
        view.smallestEffect =
            hasUnits
            ? ExperimentPlan.smallestEffect(
                design: design, ratingsPerSecond: information, variance: variance, starts: starts
            ).flatMap { design.goalMetric == nil && mean + $0 > 1 ? nil : $0 } : nil
        for difference in Self.plannedHarm where -difference < mean {
            let harm = ExperimentPlan.harm(
                design: design, mean: mean, fall: -difference, units: units)
            view.harm.append(
                PlannedHarmView(
                    difference: difference, candidates: harm.pairs.isFinite ? Int(harm.pairs.rounded(.up)) : nil,
                    days: harm.seconds.isFinite ? harm.seconds / day : nil, stopped: harm.stopped))
        }
        let what =
            switch view.goal {
            case nil: "A difference of \(effect)"
            case let view? where goal?.isUnmeasured == true:
                "That \(view.metric) is better, of which no request of the last \(Int(Self.plannedDays)) days has a value,"
            case let goal? where goal.mean == nil:
                "That the ratings are not worse by \(effect) (how long \(goal.metric) takes is not planned)"
            case let goal?:
                "That \(goal.metric) is better by \(Self.amount(goal)), and the ratings not worse by \(effect),"
            }
        view.detail =
            view.feasible
            ? "\(what) can be decided at this traffic."
            : !hasRoom
                ? "\(what) cannot be: the ratings have a mean of \((mean * 1000).rounded(.down) / 1000), and none could be better by so much."
                : hasUnits
                    ? "\(what) cannot be decided in time at this traffic: an experiment would end with the incumbent."
                    : "Nothing but harm can be decided at this traffic: some \(Int(unitsInArm)) rated units, by chance fewer, would come in each arm in \(Self.short(longestDays)) days, and a decision asks for \(design.burnInUnits)."
        if !view.feasible {
            view.offers = try await deployment.loop.offers(
                design, ratingsPerSecond: information, variance: variance, starts: starts, mean: mean, gain: 0,
                hasUnits: hasUnits, goal: goal
            ).map { OfferView($0, deployment: deployment.name) }
            view.options = options(
                view, times: hasUnits && hasRoom ? duration / design.longestSeconds : .infinity,
                goalTimes: hasUnits ? goal?.seconds.map { $0 / design.longestSeconds } : nil)
        }
        return view
    }

    /// - Parameters:
    ///   - times: what the ratings would take, as a multiple of the longest duration.
    ///   - goalTimes: likewise a metric that is the goal.
    private func options(_ view: PlanView, times: Double, goalTimes: Double?) -> [String] {
        var options: [String] = []
        if let days = view.days, days < 366 {
            options.append("more time: experiment.longest of \(Int(days.rounded(.up))) days")
        }
        if times > 1, times < 20 { options.append("more ratings: \(Self.short(times)) times as many") }
        if let goalTimes, goalTimes > 1, goalTimes < 20 {
            options.append("more requests: \(Self.short(goalTimes)) times as many")
        }
        options.append(
            "no experiment: in mode propose a person approves candidates on the gate's evidence, which says that nothing is lost (retunectl cycles approve)"
        )
        return options
    }

    private static func amount(_ goal: GoalPlanView) -> String {
        goal.relative ? "\(short(goal.minimumEffect * 100))%" : "\(goal.minimumEffect)"
    }

    private static func short(_ number: Double) -> String {
        let tenths = (number * 10).rounded(.up) / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}
