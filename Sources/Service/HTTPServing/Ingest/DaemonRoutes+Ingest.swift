import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Store
import Traffic
import Values

/// `POST /v1/interactions` and `/v1/ratings`: read, checked, redacted, committed in one transaction, then answered.
extension DaemonRoutes {
    /// Bodies above it are read outside the cooperative pool: reading and redacting take some 10 ms a megabyte.
    private static let inlineBytes = 32 * 1024

    func postInteractions(_ call: Call) async throws -> Response {
        try await ingest(call) { edge, body, format, received in
            try edge.interactions(in: body, format: format, received: received).map { result in
                result.map { .interaction($0, earlierHashes: $0.earlierBodyHashes) }
            }
        }
    }

    func postRatings(_ call: Call) async throws -> Response {
        try await ingest(call) { edge, body, format, received in
            try edge.ratings(in: body, format: format, received: received).map { result in
                result.map { .rating($0, earlierHashes: $0.earlierBodyHashes) }
            }
        }
    }

    private typealias Reading =
        @Sendable (
            TrafficEdge, [UInt8], TrafficFormat, Timestamp
        ) throws -> [Result<LogEntry, TrafficError>]

    private func ingest(_ call: Call, read: @escaping Reading) async throws -> Response {
        let received = context.now()
        let format = try TrafficFormat(contentType: call.request.headers[.contentType])
        let isPartial = try call.flag("partial")
        let body = try await call.body(limit: context.settings.limits.bodyBytes)
        let edge = self.edge
        let records =
            body.count <= Self.inlineBytes
            ? try read(edge, body, format, received)
            : try await offPool { try read(edge, body, format, received) }
        return isPartial
            ? try await appendEach(records, of: call.caller) : try await appendAll(records, of: call.caller)
    }

    /// All of the batch or nothing.
    private func appendAll(_ records: [Result<LogEntry, TrafficError>], of caller: Caller) async throws -> Response {
        var entries: [LogEntry] = []
        for (index, record) in records.enumerated() {
            do {
                let entry = try record.get()
                guard caller.may(see: entry.deployment) else {
                    throw AccessProblem.otherDeployment(entry.deployment, record: index)
                }
                entries.append(entry)
            } catch {
                context.metrics.add(records.count, to: .rejected)
                throw error
            }
        }
        do {
            let outcomes = try await log.append(entries)
            let duplicates = outcomes.count { if case .duplicate = $0 { true } else { false } }
            context.metrics.add(outcomes.count - duplicates, to: .accepted)
            context.metrics.add(duplicates, to: .duplicate)
            return try .object(IngestAnswer(accepted: outcomes.count - duplicates, duplicates: duplicates))
        } catch StoreError.conflict(let index, let id) {
            context.metrics.add(records.count, to: .rejected)
            throw Self.conflict(id, record: index)
        }
    }

    /// Each record by itself, with a result each.
    private func appendEach(_ records: [Result<LogEntry, TrafficError>], of caller: Caller) async throws -> Response {
        var results: [RecordResult] = []
        var entries: [LogEntry] = []
        var places: [Int] = []
        for (index, record) in records.enumerated() {
            switch record {
            case .failure(let error):
                results.append(RecordResult(record: index, status: .rejected, problem: WireProblem(error)))
            case .success(let entry) where !caller.may(see: entry.deployment):
                let problem = AccessProblem.otherDeployment(entry.deployment, record: index)
                results.append(
                    RecordResult(record: index, id: entry.id, status: .rejected, problem: WireProblem(problem)))
            case .success(let entry):
                places.append(index)
                entries.append(entry)
                results.append(RecordResult(record: index, id: entry.id, status: .accepted))
            }
        }
        let outcomes = entries.isEmpty ? [] : try await log.append(entries, mode: .partial)
        for (place, outcome) in zip(places, outcomes) {
            switch outcome {
            case .accepted: break
            case .duplicate: results[place].status = .duplicate
            case .conflict:
                results[place].status = .conflict
                results[place].problem = WireProblem(Self.conflict(results[place].id ?? "", record: place))
            }
        }
        let accepted = results.count { $0.status == .accepted }
        let duplicates = results.count { $0.status == .duplicate }
        context.metrics.add(accepted, to: .accepted)
        context.metrics.add(duplicates, to: .duplicate)
        context.metrics.add(results.count - accepted - duplicates, to: .rejected)
        return try .object(
            IngestAnswer(
                accepted: accepted, duplicates: duplicates, rejected: results.count - accepted - duplicates,
                results: results))
    }

    private static func conflict(_ id: String, record: Int) -> ListenerProblem {
        ListenerProblem(
            .conflict, kind: "id-conflict", title: "The id is known with another body.",
            detail:
                "The id \(id) of record \(record) was accepted before with another body; give this record an id of its "
                + "own, or send the same body again.", record: record, field: "id")
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

extension WireProblem {
    /// The same problem as it stands in an object.
    init(_ problem: ListenerProblem) {
        self.init(
            type: problem.type, title: problem.title, status: problem.status.code, detail: problem.detail,
            record: problem.record, field: problem.field)
    }
}
