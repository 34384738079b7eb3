import GRDB
import Traffic
import Values

extension DurableStore {
    /// Fixes `enrolments` and appends `batch`, in one transaction; returns an outcome a record after it is durable.
    ///
    /// A record whose deployment and id are known is a duplicate if its body hash is the stored one (compared under the
    /// key that made the stored one) and a conflict otherwise. Throws `StoreError.conflict` (all-or-nothing) and
    /// `StoreError.full`; then nothing of the batch is stored.
    package func append(
        _ batch: [LogEntry], mode: AppendMode = .allOrNothing, enrolments: Enrolments = Enrolments()
    ) async throws -> [AppendOutcome] {
        try await write(.ingest, changing: .log) { database in
            if !enrolments.isEmpty { try EnrolmentRows.insert(enrolments, into: database) }
            let log = LogWriter(database: database)
            var outcomes: [AppendOutcome] = []
            outcomes.reserveCapacity(batch.count)
            for (index, entry) in batch.enumerated() {
                let outcome = try log.append(entry)
                if outcome == .conflict, mode == .allOrNothing {
                    throw StoreError.conflict(index: index, id: entry.id)
                }
                outcomes.append(outcome)
            }
            return outcomes
        }
    }
}
