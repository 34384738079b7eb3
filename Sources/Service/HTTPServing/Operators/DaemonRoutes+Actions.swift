import API
import FeedbackLoop
import HTTPListener
import Hummingbird
import Settings
import Store
import Values

/// `POST …/actions`: an operator's word, carried out once for its id.
extension DaemonRoutes {
    func act(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let request = try await call.object(ActionRequest.self)
        guard !request.id.isEmpty, request.id.utf8.count <= 200, !request.id.holdsInvisible else {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.",
                detail:
                    "id must have 1 to 200 bytes and no invisible character; choose a fresh one for each action.",
                field: "id")
        }
        let reason = request.reason
        guard reason.utf8.count <= 2000, !reason.holdsInvisible else {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.",
                detail:
                    "reason is one line of at most 2000 bytes without invisible characters; it is kept in the dossier and the log.",
                field: "reason")
        }
        try check(request, in: deployment)
        let value = try StrictJSON.encode(request)
        if let answer = try await earlier(request.id, value, in: deployment) { return answer }
        let command = OperatorCommand(
            verb: OperatorCommand.Verb(rawValue: request.action.rawValue) ?? .pause, actor: call.caller.actor,
            reason: request.reason, cycle: request.cycle, experiment: request.experiment, adapter: request.adapter,
            terms: request.terms.map(ComparisonTerms.init), step: request.step.map { $0 - 1 })
        let action = ActionRecord(
            deployment: deployment.name, id: request.id, created: context.now(), request: value, result: .null)
        do {
            let state = try await deployment.loop.submit(command, action: action)
            return try .object(
                ActionResult(id: request.id, state: CycleState(loopName: state)), status: .accepted)
        } catch let refusal as CommandRefusal where refusal.isUnknown {
            throw ListenerProblem.notFound("\(refusal).")
        } catch let refusal as CommandRefusal {
            throw ListenerProblem(
                .conflict, kind: refusal.isConflict ? "moved-on" : "action-impossible",
                title: refusal.isConflict ? "The loop has moved on." : "The action does not fit where the loop stands.",
                detail: "\(refusal)")
        } catch StoreError.actionExists {
            if let answer = try await earlier(request.id, value, in: deployment) { return answer }
            throw StoreError.actionExists(id: request.id)
        }
    }

    /// Terms and steps belong to one action each, and have a range.
    private func check(_ request: ActionRequest, in deployment: ServedDeployment) throws {
        func refuse(_ field: String, _ detail: String) -> ListenerProblem {
            ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.", detail: detail,
                field: field)
        }
        if request.step != nil, request.action != .advance {
            throw refuse("step", "step belongs to the action advance; leave it out.")
        }
        if let step = request.step, !(1...1000).contains(step) {
            throw refuse("step", "step is a step of the ramp, from 1.")
        }
        guard let terms = request.terms else { return }
        guard request.action == .approve else {
            throw refuse("terms", "terms belong to the action approve; leave them out.")
        }
        if let effect = terms.minimumEffect {
            let goal = deployment.settings.experiment.metrics.first { $0.role == .goal }
            let isBelowWhole = goal?.improvesByLessThanWhole ?? false
            let most = goal == nil || isBelowWhole ? 1 : 1e9
            guard terms.comparison == .superiority, effect > 0, effect < most || effect == most && !isBelowWhole else {
                throw refuse(
                    "terms.minimumEffect",
                    goal.map {
                        "minimumEffect is of superiority: by how much \($0.name) is better, above 0, \(isBelowWhole ? "below 1" : "at most 1000000000")."
                    } ?? "minimumEffect is of superiority: a share of the goal's scale above 0, at most 1.")
            }
        }
        if let margin = terms.margin, terms.comparison != .nonInferiority || !(margin > 0 && margin <= 0.5) {
            throw refuse(
                "terms.margin", "margin is of nonInferiority: a share of the goal's scale above 0, at most 0.5.")
        }
    }

    /// The answer of an action that was carried out before.
    private func earlier(
        _ id: String, _ request: JSONValue, in deployment: ServedDeployment
    ) async throws -> Response? {
        guard let known = try await context.store.action(deployment: deployment.name, id: id) else { return nil }
        guard known.request.canonical == request.canonical else {
            throw ListenerProblem(
                .conflict, kind: "id-conflict", title: "The id is known with another action.",
                detail: "The id \(id) was used for another action; give this one an id of its own.", field: "id")
        }
        return try .object(
            ActionResult(id: id, state: CycleState(loopName: known.result["state"]?.stringValue ?? "")),
            status: .accepted)
    }
}
