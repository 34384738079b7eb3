import API
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Logging
import Store
import Traffic
import Values

/// The log as operators, verifiers and the people in it may read it.
extension DaemonRoutes {
    private func page(_ call: Call) throws -> (after: Int64, limit: Int) {
        let limit = try call.number("limit") ?? 1000
        return (try call.number("after") ?? 0, Int(min(limit, Int64(Self.mostLines))))
    }

    /// `retuned-next`: where the page after a full one begins.
    static func next(_ sequence: Int64?, rows: Int, limit: Int) -> HTTPFields {
        guard rows == limit, let sequence, let name = HTTPField.Name("retuned-next") else { return [:] }
        return [name: "\(sequence)"]
    }

    func exportInteractions(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let (after, limit) = try page(call)
        let rows = try await context.store.interactions(deployment: deployment.name, after: after, limit: limit)
        return try .lines(
            rows.map { row in
                InteractionRow(
                    seq: Int(row.sequence), id: row.logged.interaction.id, record: row.logged.record,
                    time: row.logged.interaction.time, received: row.logged.received,
                    unit: row.logged.interaction.unit)
            }, headers: Self.next(rows.last?.sequence, rows: rows.count, limit: limit))
    }

    func exportRatings(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let (after, limit) = try page(call)
        let rows = try await context.store.ratings(deployment: deployment.name, after: after, limit: limit)
        return try .lines(
            rows.map { row in
                RatingRow(
                    seq: Int(row.sequence), id: row.logged.rating.id, record: row.logged.record,
                    time: row.logged.rating.time, received: row.logged.received,
                    interaction: row.logged.rating.interaction, unit: row.logged.rating.rater)
            }, headers: Self.next(rows.last?.sequence, rows: rows.count, limit: limit))
    }

    /// Forgets a person: rows, assignments, texts in job folders; and says which adapters saw them.
    func eraseUnit(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let units = try await pseudonyms(call, in: deployment)
        let result = try await context.store.erase(units: units, deployment: deployment.name)
        assigner.forget()
        // The loop discards the folders of such jobs, which hold the texts.
        if !result.jobs.isEmpty { await deployment.loop.finishStep() }
        context.logger.info(
            "A unit was erased",
            metadata: ["deployment": "\(deployment.name)", "actor": "\(call.caller.actor)"])
        let statuses = try await context.store.adapters(deployment: deployment.name)
            .filter { result.adapters.contains($0.name) }.map { "\($0.name) (\($0.status.rawValue))" }
        var seen =
            statuses.isEmpty
            ? "No adapter was trained on it."
            : "Adapters that were trained on it: \(statuses.joined(separator: ", ")). What serves goes on until another takes its place."
        if !result.jobs.isEmpty {
            seen += " Under way with it: \(result.jobs.joined(separator: ", ")); begun anew without it."
        }
        return try .object(
            EraseResult(
                interactions: result.interactions, ratings: result.ratings, adapters: result.adapters,
                detail: "\(result.assignments) assignments and \(result.conversations) conversations went too. \(seen)")
        )
    }

    /// Everything that is kept about a person, one object a line.
    func exportUnit(_ call: Call) async throws -> Response {
        let deployment = try deployment(of: call)
        let units = try await pseudonyms(call, in: deployment)
        var lines: [JSONValue] = []
        for row in try await context.store.interactions(deployment: deployment.name, units: units) {
            lines.append([
                "kind": "interaction", "seq": .integer(row.sequence),
                "received": .string(row.logged.received.description), "row": row.logged.interaction.json,
            ])
        }
        for row in try await context.store.ratings(deployment: deployment.name, units: units) {
            lines.append([
                "kind": "rating", "seq": .integer(row.sequence), "received": .string(row.logged.received.description),
                "row": row.logged.rating.json,
            ])
        }
        for row in try await context.store.shadowPairs(deployment: deployment.name, units: units) {
            var answers = JSONObject()
            answers["interaction"] = .string(row.pair.interaction.logged.interaction.id)
            answers["incumbent"] = row.pair.incumbentAnswer.map(JSONValue.string)
            answers["candidate"] = row.pair.candidateAnswer.map(JSONValue.string)
            answers["judgements"] = .array(row.judgements.map(JSONValue.number))
            lines.append([
                "kind": "shadow", "cycle": .string(row.cycle), "seq": .integer(row.pair.sequence),
                "row": .object(answers),
            ])
        }
        return try .lines(lines)
    }

    private func pseudonyms(_ call: Call, in deployment: ServedDeployment) async throws -> [String] {
        let request = try await call.object(EraseRequest.self)
        if let problem = PersonalName.problem(request.unit) {
            throw ListenerProblem(
                .badRequest, kind: "field-invalid", title: "A field's value is not allowed.",
                detail: "unit \(problem) It is the person's name as the application sends it.", field: "unit")
        }
        return context.keys.allPseudonyms(of: request.unit, kind: .unit, deployment: deployment.name).map(\.pseudonym)
    }
}
