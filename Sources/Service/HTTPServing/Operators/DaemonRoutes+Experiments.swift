import Traffic
import API
import Experimentation
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Values

extension DaemonRoutes {
    var experimentHandlers: [String: Handler] {
        [
            "GET /v1/deployments/{deployment}/plan": { try .object(try await plan(try deployment($0))) },
            "GET /v1/deployments/{deployment}/experiments": { call in
                let deployment = try deployment(call)
                var views: [ExperimentView] = []
                for record in try await context.store.experiments(deployment: deployment.name) {
                    views.append(try await experimentView(record, deployment))
                }
                return try .object(ExperimentList(experiments: views))
            },
            "GET /v1/deployments/{deployment}/experiments/{experiment}": { call in
                let (deployment, record) = try await experiment(call)
                return try .object(try await experimentView(record, deployment))
            },
            "GET /v1/deployments/{deployment}/experiments/{experiment}/assignments": { call in
                let (_, record) = try await experiment(call)
                let after = try call.number("after") ?? 0
                let limit = min(10_000, Int(try call.number("limit") ?? 1000))
                let rows = try await context.store.assignments(experiment: record.id, after: after, limit: limit)
                return try .lines(
                    rows.map { row in
                        AssignmentRow(
                            unit: row.assignment.unit, arm: row.assignment.arm, time: row.assignment.time,
                            exposure: row.assignment.exposure, conversation: row.assignment.conversation,
                            excluded: row.assignment.excluded)
                    }, headers: Self.next(rows.last?.sequence))
            },
            "GET /v1/deployments/{deployment}/experiments/{experiment}/ratings": { try await ratings($0) },
        ]
    }

    private func experiment(_ call: Call) async throws -> (ServedDeployment, ExperimentRecord) {
        let deployment = try deployment(call)
        let id = try call.parameter("experiment")
        guard let record = try await context.store.experiment(id: id), record.deployment == deployment.name else {
            throw ListenerProblem.notFound("\(deployment.name) has no experiment ‘\(id)’; see GET …/experiments.")
        }
        return (deployment, record)
    }

    /// Where the next page begins.
    private static func next(_ sequence: Int64?) -> HTTPFields {
        var fields = HTTPFields()
        if let sequence, let name = HTTPField.Name("retuned-next") { fields[name] = "\(sequence)" }
        return fields
    }

    /// All ratings of the experiment, each with the number of the first look that saw it.
    private func ratings(_ call: Call) async throws -> Response {
        let (_, record) = try await experiment(call)
        let after = try call.number("after") ?? 0
        let limit = min(10_000, Int(try call.number("limit") ?? 1000))
        let looks = try await context.store.looks(experiment: record.id)
        let rows = try await context.store.experimentRatings(experiment: record.id, after: after, limit: limit)
        return try .lines(
            rows.map { row in
                let look = looks.first {
                    $0.position.ratings >= row.sequence && $0.position.interactions >= row.interactionSequence
                }
                let value: JSONValue =
                    switch row.value {
                    case .number(let number): .number(number)
                    case .label(let word): .string(word)
                    }
                return ExperimentRatingRow(
                    unit: row.unit, rater: row.rater, interaction: row.interaction, scale: row.scale, value: value,
                    time: row.time, received: row.received, look: look.map { $0.number - 1 })
            }, headers: Self.next(rows.last?.sequence))
    }

    func experimentView(_ record: ExperimentRecord, _ deployment: ServedDeployment) async throws -> ExperimentView {
        let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
        let records = try await context.store.looks(experiment: record.id)
        let looks = try records.map {
            try StrictJSON.decode(Look.self, from: $0.result, ignoringUnknownFields: true)
        }
        let last = looks.last
        var ramp: [RampStepView] = []
        for (index, exposure) in design.steps.enumerated() {
            let first = looks.firstIndex { $0.step >= index }
            let end = looks.firstIndex { $0.step > index }
            ramp.append(
                RampStepView(
                    exposure: exposure, started: index == 0 ? record.started : first.map { records[$0].time },
                    ended: end.map { records[$0].time }))
        }
        return ExperimentView(
            id: record.id, deployment: record.deployment, cycle: record.cycle,
            state: record.ended == nil ? .running : .decided, incumbent: record.incumbent, candidate: record.candidate,
            started: record.started, ended: record.ended,
            arms: [
                arm("incumbent", record.incumbent, last?.incumbent),
                arm("candidate", record.candidate, last?.candidate),
            ],
            goal: deployment.settings.goalScale, alpha: design.alpha, harmAlpha: design.harmAlpha,
            tuning: design.tuning, minimumEffect: design.minimumEffect, salt: record.salt,
            exposure: last?.exposure ?? design.steps.first ?? 0, step: (last?.step ?? 0) + 1, ramp: ramp,
            looks: zip(records, looks).map { Self.lookView($0, $1) },
            guardrails: (last?.guardrails ?? []).map(Self.guardrailView),
            sampleRatio: Self.sampleRatio(last), decision: record.decision, reason: record.reason ?? last?.reason,
            next: last?.next)
    }

    private func arm(_ name: String, _ adapter: String, _ arm: Look.Arm?) -> ArmView {
        ArmView(arm: name, adapter: adapter, units: arm?.units ?? 0, rated: arm?.rated ?? 0, mean: arm?.mean)
    }

    private static func lookView(_ record: LookRecord, _ look: Look) -> LookView {
        var interval: [Double]?
        if let lower = look.lower, let upper = look.upper { interval = [lower, upper] }
        return LookView(
            time: record.time, units: look.incumbent.units + look.candidate.units,
            rated: look.incumbent.rated + look.candidate.rated, difference: look.difference, interval: interval,
            decision: look.decision.rawValue)
    }

    private static func guardrailView(_ guardrail: Look.Guardrail) -> GuardrailView {
        GuardrailView(
            name: guardrail.name, candidate: guardrail.difference, limit: guardrail.limit, ok: !guardrail.isBroken,
            detail: guardrail.isBroken
                ? "broken: even its lower bound is over the limit"
                : guardrail.difference == nil ? "too little data yet" : "within its limit")
    }

    private static func sampleRatio(_ look: Look?) -> SampleRatioView {
        let alpha = ExperimentDesign.sampleRatioAlpha
        return SampleRatioView(
            assignments: SampleRatioCheck(
                incumbent: look?.incumbent.units ?? 0, candidate: look?.candidate.units ?? 0,
                pValue: look?.assignmentPValue ?? 1, ok: (look?.assignmentPValue ?? 1) >= alpha),
            raters: SampleRatioCheck(
                incumbent: look?.incumbent.rated ?? 0, candidate: look?.candidate.rated ?? 0,
                pValue: look?.raterPValue ?? 1, ok: (look?.raterPValue ?? 1) >= alpha))
    }

    /// How long a decision would take at the traffic so far, for the smallest effect worth a promotion.
    private func plan(_ deployment: ServedDeployment) async throws -> PlanView {
        let settings = deployment.settings.experiment
        let counts = try await context.store.counts(deployment: deployment.name)
        let first = try await context.store.interactions(deployment: deployment.name, after: 0, limit: 1).first
        let days = max(
            1e-6,
            (first.map { context.now().seconds(since: $0.logged.received) } ?? 0) * context.settings.timeScale / 86_400)
        let ratingsPerDay = Double(counts.ratings) / days
        let design = ExperimentDesign(
            alpha: settings.alpha, harmAlpha: settings.harmAlpha, steps: settings.steps,
            leastStepSeconds: settings.leastStepTime.inSeconds, leastStepUnits: settings.burnInUnits,
            longestSeconds: settings.longest.inSeconds, minimumEffect: settings.minimumEffect,
            burnInUnits: settings.burnInUnits, tuning: 1000, latencyRatio: settings.latencyRatio,
            errorMargin: settings.errorMargin)
        let seconds = ExperimentPlan.seconds(
            design: design, ratingsPerSecond: ratingsPerDay / 86_400, variance: 0.21, effect: settings.minimumEffect)
        let longest = settings.longest.inSeconds / 86_400
        let isFeasible = seconds / 86_400 <= longest
        return PlanView(
            feasible: isFeasible, days: seconds.isFinite ? seconds / 86_400 : nil, longestDays: longest,
            minimumEffect: settings.minimumEffect, unitsPerDay: Double(counts.units) / days,
            ratedShare: counts.interactions > 0 ? Double(counts.ratings) / Double(counts.interactions) : 0,
            ratedUnitsNeeded: Int(
                ExperimentPlan.ratingsNeeded(
                    variance: 0.21, effect: settings.minimumEffect, alpha: settings.alpha, tuning: 1000)),
            options: isFeasible
                ? []
                : ["a larger minimumEffect", "approval on the gate's evidence", "collecting ratings from more users"],
            detail: isFeasible
                ? "A difference of the smallest worthwhile size is decided in time at this traffic."
                : "A difference of the smallest worthwhile size is not decided within the longest duration at this traffic."
        )
    }
}
