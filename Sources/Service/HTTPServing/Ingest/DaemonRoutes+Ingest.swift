import Settings
import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Traffic
import Values

extension DaemonRoutes {
    var ingestHandlers: [String: Handler] {
        [
            "POST /v1/interactions": { call in
                let now = context.now()
                return try await ingest(call) { body, format in
                    try edge.interactions(in: body, format: format, received: now).map { result in
                        result.map { .interaction($0, earlierHashes: $0.earlierBodyHashes) }
                    }
                }
            },
            "POST /v1/ratings": { call in
                let now = context.now()
                return try await ingest(call) { body, format in
                    try edge.ratings(in: body, format: format, received: now).map { result in
                        result.map { .rating($0, earlierHashes: $0.earlierBodyHashes) }
                    }
                }
            },
        ]
    }

    /// Reads the records, stores them in one commit, and answers after it is synced.
    private func ingest(
        _ call: Call, _ read: ([UInt8], TrafficFormat) throws -> [Result<LogEntry, TrafficError>]
    ) async throws -> Response {
        let isPartial = call.query("partial") == "true"
        let results: [Result<LogEntry, TrafficError>]
        do {
            let format = try TrafficFormat(contentType: call.request.headers[.contentType])
            results = try read(try await call.body(limit: context.settings.limits.bodyBytes), format).enumerated().map {
                index, result in
                guard case .success(let entry) = result, !call.caller.may(see: entry.deployment) else { return result }
                if isPartial {
                    return .failure(
                        TrafficError(
                            kind: .deploymentUnknown,
                            detail: "The token does not reach the deployment \(entry.deployment).",
                            record: index, field: "deployment"))
                }
                throw AccessProblem.otherDeployment(entry.deployment, record: index)
            }
        } catch let error as TrafficError {
            context.metrics.ingested(rejected: 1)
            throw ListenerProblem(error)
        }
        return isPartial ? try await storePartly(results) : try await storeAll(results)
    }

    private func storeAll(_ results: [Result<LogEntry, TrafficError>]) async throws -> Response {
        var entries: [LogEntry] = []
        for result in results {
            switch result {
            case .success(let entry): entries.append(entry)
            case .failure(let error):
                context.metrics.ingested(rejected: results.count)
                throw ListenerProblem(error)
            }
        }
        let outcomes: [AppendOutcome]
        do {
            outcomes = try await context.store.append(entries, mode: .allOrNothing)
        } catch StoreError.conflict(let index, let id) {
            context.metrics.ingested(rejected: results.count)
            throw Self.conflict(index: index, id: id)
        }
        let duplicates = outcomes.count {
            if case .duplicate = $0 { true } else { false }
        }
        context.metrics.ingested(accepted: outcomes.count - duplicates, duplicates: duplicates)
        return try .object(IngestAnswer(accepted: outcomes.count - duplicates, duplicates: duplicates))
    }

    private func storePartly(_ results: [Result<LogEntry, TrafficError>]) async throws -> Response {
        var entries: [LogEntry] = []
        for case .success(let entry) in results { entries.append(entry) }
        let outcomes = entries.isEmpty ? [] : try await context.store.append(entries, mode: .partial)
        var rows: [RecordResult] = []
        var next = 0
        for (index, result) in results.enumerated() {
            switch result {
            case .failure(let error):
                rows.append(RecordResult(record: index, status: .rejected, problem: WireProblem(error)))
            case .success(let entry):
                switch outcomes[next] {
                case .accepted: rows.append(RecordResult(record: index, id: entry.id, status: .accepted))
                case .duplicate: rows.append(RecordResult(record: index, id: entry.id, status: .duplicate))
                case .conflict:
                    let problem = Self.conflict(index: index, id: entry.id)
                    rows.append(
                        RecordResult(
                            record: index, id: entry.id, status: .conflict,
                            problem: WireProblem(
                                kind: problem.kind, title: problem.title, status: 409, detail: problem.detail)))
                }
                next += 1
            }
        }
        let accepted = rows.count { $0.status == .accepted }
        let duplicates = rows.count { $0.status == .duplicate }
        let rejected = rows.count - accepted - duplicates
        context.metrics.ingested(accepted: accepted, duplicates: duplicates, rejected: rejected)
        return try .object(IngestAnswer(accepted: accepted, duplicates: duplicates, rejected: rejected, results: rows))
    }

    private static func conflict(index: Int, id: String) -> ListenerProblem {
        ListenerProblem(
            .conflict, kind: "id-conflict", title: "The id was used before.",
            detail:
                "Record \(index) has the id ‘\(id)’, which was accepted before with another body; give it a new id.",
            record: index, field: "id")
    }
}

extension ListenerProblem {
    /// What a record or a body is refused for.
    init(_ error: TrafficError) {
        self.init(
            .init(code: error.status), kind: error.kind.rawValue, title: error.title, detail: error.detail,
            record: error.record, field: error.field)
    }
}

extension LogEntry {
    var deployment: String {
        switch self {
        case .interaction(let logged, _): logged.interaction.deployment
        case .rating(let logged, _): logged.rating.deployment
        }
    }
}
