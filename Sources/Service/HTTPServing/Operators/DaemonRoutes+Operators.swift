import API
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Traffic
import Values

extension DaemonRoutes {
    var operatorHandlers: [String: Handler] {
        [
            "GET /v1/deployments": { call in
                var views: [DeploymentView] = []
                for deployment in context.deployments where call.caller.may(see: deployment.name) {
                    views.append(try await view(deployment))
                }
                return try .object(DeploymentList(deployments: views))
            },
            "GET /v1/deployments/{deployment}": { try .object(try await view(try deployment($0))) },
            "GET /v1/deployments/{deployment}/drift": { try .object(drift(try deployment($0))) },
            "GET /v1/deployments/{deployment}/impact": { try .object(try await impact(try deployment($0))) },
            "GET /v1/deployments/{deployment}/cycles": { call in
                let deployment = try deployment(call)
                var views: [CycleView] = []
                for record in try await context.store.cycles(deployment: deployment.name) {
                    views.append(try await cycleView(record, deployment))
                }
                return try .object(CycleList(cycles: views))
            },
            "GET /v1/deployments/{deployment}/cycles/{cycle}": { call in
                let (deployment, record) = try await cycle(call)
                return try .object(try await cycleView(record, deployment))
            },
            "GET /v1/deployments/{deployment}/cycles/{cycle}/dossier": { call in
                let (deployment, record) = try await cycle(call)
                return try .object(try await dossier(record, deployment))
            },
            "GET /v1/deployments/{deployment}/adapters": { call in
                let deployment = try deployment(call)
                let records = try await context.store.adapters(deployment: deployment.name)
                return try .object(AdapterList(adapters: records.map { adapterView($0, deployment) }))
            },
            "GET /v1/deployments/{deployment}/adapters/{adapter}": { call in
                let (deployment, record) = try await adapter(call)
                return try .object(adapterView(record, deployment))
            },
            "GET /v1/deployments/{deployment}/adapters/{adapter}/dossier": { call in
                let (deployment, record) = try await adapter(call)
                guard let id = record.cycle, let cycle = try await context.store.cycle(id: id) else {
                    throw ListenerProblem.notFound("\(record.name) was not made by a cycle.")
                }
                return try .object(try await dossier(cycle, deployment))
            },
            "GET /v1/deployments/{deployment}/interactions": { try await exportInteractions($0) },
            "GET /v1/deployments/{deployment}/ratings": { try await exportRatings($0) },
            "POST /v1/deployments/{deployment}/actions": { try await act($0) },
            "DELETE /v1/deployments/{deployment}/units": { try await erase($0) },
            "POST /v1/deployments/{deployment}/units/export": { try await exportUnit($0) },
        ]
    }

    // MARK: Deployments

    private func view(_ deployment: ServedDeployment) async throws -> DeploymentView {
        let view = deployment.loop.view
        let counts = try await context.store.counts(deployment: deployment.name)
        let jobs = try await context.store.jobs(deployment: deployment.name)
        var health = await health().filter { $0.check == "store" || $0.check == "serving \(deployment.name)" }
        if let trouble = view.trainerTrouble {
            health.append(HealthCheck(check: "trainer", ok: false, detail: trouble))
        }
        let state = view.state
        var step: Int?
        if case .experimenting(let number) = state.cycle?.stage { step = number + 1 }
        return DeploymentView(
            name: deployment.name, mode: DeploymentMode(rawValue: deployment.settings.mode.rawValue) ?? .observe,
            paused: state.isPaused ? true : nil,
            serving: ServingView(
                adapter: state.serving.adapter, since: state.serving.since, reason: state.serving.reason),
            cycle: CycleSummary(
                id: state.cycle?.id, state: CycleState(rawValue: view.stateName) ?? .watching, step: step,
                since: state.cycle?.since ?? state.lastEnd?.time ?? state.serving.since,
                trigger: state.cycle?.trigger.kind.rawValue, next: view.next),
            cost: ["cpuSeconds": jobs.reduce(0) { $0 + $1.cpuSeconds }], health: health,
            counts: DeploymentCounts(
                interactions: counts.interactions, ratings: counts.ratings, units: counts.units))
    }

    private func drift(_ deployment: ServedDeployment) -> WireDriftView {
        let drift = deployment.loop.view.drift
        let budget = deployment.settings.drift.falseAlarms
        let days = budget.period.components.seconds / 86_400
        var alarm: AlarmView?
        if let since = drift.since {
            alarm = AlarmView(
                id: "\(deployment.name)-\(since.milliseconds)", detector: "traffic", time: since,
                effectSize: drift.effect ?? 0.5, summary: drift.reason ?? "",
                newTerms: drift.newTerms.map {
                    TermChange(term: $0.term, before: Double($0.reference), after: Double($0.recent))
                }, newQueries: drift.examples)
        }
        return WireDriftView(
            deployment: deployment.name,
            detectors: [
                DetectorView(
                    name: "traffic", state: drift.phase, statistic: drift.evidence, threshold: drift.threshold,
                    effectSize: drift.effect, observations: drift.referenceQueries,
                    detail: drift.phase == "learning"
                        ? "\(drift.referenceQueries) of \(drift.queriesNeeded) queries of the reference"
                        : "evidence and threshold are natural logarithms")
            ], falseAlarms: "\(budget.alarms) per \(days)d", alarm: alarm, earlier: [])
    }

    // MARK: Exports

    private func page(_ call: Call) throws -> (after: Int64, limit: Int) {
        (try call.number("after") ?? 0, min(10_000, Int(try call.number("limit") ?? 1000)))
    }

    private func exportInteractions(_ call: Call) async throws -> Response {
        let page = try page(call)
        let rows = try await context.store.interactions(
            deployment: try deployment(call).name, after: page.after, limit: page.limit)
        return try .lines(
            rows.map { row in
                InteractionRow(
                    seq: Int(row.sequence), id: row.logged.interaction.id, record: row.logged.record,
                    time: row.logged.interaction.time, received: row.logged.received,
                    unit: row.logged.interaction.unit)
            })
    }

    private func exportRatings(_ call: Call) async throws -> Response {
        let page = try page(call)
        let rows = try await context.store.ratings(
            deployment: try deployment(call).name, after: page.after, limit: page.limit)
        return try .lines(
            rows.map { row in
                RatingRow(
                    seq: Int(row.sequence), id: row.logged.rating.id, record: row.logged.record,
                    time: row.logged.rating.time, received: row.logged.received,
                    interaction: row.logged.rating.interaction, unit: row.logged.rating.rater)
            })
    }

    // MARK: Persons

    private func pseudonyms(_ unit: String, _ deployment: String) -> [String] {
        context.keys.allPseudonyms(of: unit, kind: .unit, deployment: deployment).map(\.pseudonym)
    }

    private func erase(_ call: Call) async throws -> Response {
        let deployment = try deployment(call)
        let wanted = try await call.object(EraseRequest.self)
        let result = try await context.store.erase(
            units: pseudonyms(wanted.unit, deployment.name), deployment: deployment.name)
        await context.purgeJobFolders(result.jobFolders)
        let detail =
            result.adapters.isEmpty
            ? "No adapter saw this unit." : "These adapters were trained on rows of this unit; retrain or roll back."
        return try .object(
            EraseResult(
                interactions: result.interactions, ratings: result.ratings, adapters: result.adapters, detail: detail))
    }

    private func exportUnit(_ call: Call) async throws -> Response {
        let deployment = try deployment(call)
        let wanted = try await call.object(EraseRequest.self)
        let names = pseudonyms(wanted.unit, deployment.name)
        let interactions = try await context.store.interactions(deployment: deployment.name, units: names)
        let ratings = try await context.store.ratings(deployment: deployment.name, raters: names)
        return try .lines(interactions.map(\.logged.interaction.json) + ratings.map(\.logged.rating.json))
    }

    // MARK: Actions

    private func act(_ call: Call) async throws -> Response {
        let deployment = try deployment(call)
        let wanted = try await call.object(ActionRequest.self)
        let request = try StrictJSON.encode(wanted)
        if let known = try await context.store.action(deployment: deployment.name, id: wanted.id) {
            guard known.request == request else {
                throw ListenerProblem(
                    .conflict, kind: "id-conflict", title: "The id was used before.",
                    detail: "The action ‘\(wanted.id)’ was another one; give the new action an id of its own.",
                    field: "id")
            }
            return .json(known.result.serialized, status: .accepted)
        }
        let command = OperatorCommand(
            verb: OperatorCommand.Verb(rawValue: wanted.action.rawValue) ?? .retrain, actor: call.caller.actor,
            reason: wanted.reason, cycle: wanted.cycle, experiment: wanted.experiment, adapter: wanted.adapter)
        let action = ActionRecord(
            deployment: deployment.name, id: wanted.id, created: context.now(), request: request, result: .null)
        do {
            let state = try await deployment.loop.submit(command, action: action)
            return try .object(
                ActionResult(id: wanted.id, state: CycleState(rawValue: state) ?? .watching), status: .accepted)
        } catch let refusal as CommandRefusal {
            throw ListenerProblem(
                refusal.isConflict ? .conflict : .badRequest, kind: "action-refused",
                title: "The action cannot be carried out now.", detail: "\(refusal)")
        }
    }
}
