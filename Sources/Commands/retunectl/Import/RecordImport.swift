import API
import OutboundHTTP
import Values

/// Posts lines in batches and counts what became of them.
///
/// A batch that is too large for the daemon's limits is halved; one that finds it busy (503) is tried again after the
/// time that it asks for. Everything else that is no success ends the import with the line's number.
struct RecordImport {
    struct Result {
        var accepted = 0
        var duplicates = 0
        var refusals: [String] = []

        var summary: String {
            let refused = refusals.isEmpty ? "" : ", \(Figures.counted(refusals.count, "record")) refused"
            return "\(Figures.counted(accepted, "record")) accepted, "
                + "\(Figures.counted(duplicates, "duplicate")) of records kept before\(refused)"
        }
    }

    /// A batch's bytes stay under it.
    private static let batchBytes = 4 << 20
    private static let mostAttempts = 20

    let client: ControlClient
    /// Nil: the first record tells.
    var path: String?
    let batchRecords: Int
    let isPartial: Bool
    private var result = Result()

    init(client: ControlClient, path: String?, batchRecords: Int, isPartial: Bool) {
        self.client = client
        self.path = path
        self.batchRecords = batchRecords
        self.isPartial = isPartial
    }

    static func path(_ kind: DataImportCommand.Kind) -> String {
        switch kind {
        case .interactions: "/v1/interactions"
        case .ratings: "/v1/ratings"
        }
    }

    mutating func run(_ lines: RecordLines, progress: (String) -> Void) async throws -> Result {
        var batch: [RecordLines.Line] = []
        var bytes = 0
        var batches = 0
        while let line = try lines.next() {
            if !batch.isEmpty, batch.count >= batchRecords || bytes + line.bytes.count > Self.batchBytes {
                try await post(batch[...])
                batches += 1
                if batches % 20 == 0 { progress("\(result.summary) …") }
                batch.removeAll()
                bytes = 0
            }
            bytes += line.bytes.count + 1
            batch.append(line)
        }
        if !batch.isEmpty { try await post(batch[...]) }
        return result
    }

    private mutating func post(_ batch: ArraySlice<RecordLines.Line>) async throws {
        guard let first = batch.first else { return }
        let path = try self.path ?? Self.recognised(first)
        self.path = path
        let body = Array(batch.map(\.bytes).joined(separator: [0x0A]))
        let target = isPartial ? path + "?partial=true" : path
        for attempt in 1... {
            let answer = try await client.exchange("POST", target, body: body, contentType: "application/x-ndjson")
            if (200..<300).contains(answer.status) { return try count(answer.body, batch) }
            if answer.status == 413, batch.count > 1 {
                let middle = batch.startIndex + batch.count / 2
                try await post(batch[..<middle])
                return try await post(batch[middle...])
            }
            if answer.status == 503, attempt < Self.mostAttempts {
                let seconds = answer.headers["retry-after"].flatMap { Int($0) } ?? 1
                try await Task.sleep(for: .seconds(min(max(seconds, 1), 30)))
                continue
            }
            throw failure(status: answer.status, body: answer.body, batch)
        }
    }

    private mutating func count(_ body: [UInt8], _ batch: ArraySlice<RecordLines.Line>) throws {
        let answer = try ControlClient.decode(IngestAnswer.self, body)
        result.accepted += answer.accepted
        result.duplicates += answer.duplicates
        for record in answer.results ?? [] where record.status == .conflict || record.status == .rejected {
            let line = batch.count > record.record ? batch[batch.startIndex + record.record].number : 0
            let reason = record.problem.map { ControlFailure.sentence($0) } ?? record.status.rawValue
            result.refusals.append("line \(line): \(reason)")
        }
    }

    /// The problem with the line's number in the file in place of the record's in its batch.
    private func failure(
        status: Int, body: [UInt8], _ batch: ArraySlice<RecordLines.Line>
    ) -> ControlFailure {
        var failure = ControlFailure(status: status, body: body)
        if let problem = try? StrictJSON.decode(Problem.self, parsing: body, ignoringUnknownFields: true),
            let record = problem.record, (0..<batch.count).contains(record)
        {
            failure.description = ControlFailure.sentence(problem, line: batch[batch.startIndex + record].number)
        }
        failure.description +=
            "; so far \(result.summary), the batch from line \(batch.first?.number ?? 0) on is not kept: "
            + "put it right and start the import again"
        return failure
    }

    private static func recognised(_ line: RecordLines.Line) throws -> String {
        let value = try? JSONValue(parsing: line.bytes)
        if value?["messages"] != nil { return path(.interactions) }
        if value?["interaction"] != nil { return path(.ratings) }
        throw ControlFailure(
            .badFile,
            "line \(line.number) is neither an interaction (it has no messages) nor a rating (it has no "
                + "interaction); if the file holds records, say which with --kind")
    }
}
