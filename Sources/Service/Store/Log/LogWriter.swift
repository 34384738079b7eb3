import Foundation
import GRDB
import Traffic
import Values

/// Inserts records into the two tables of the log.
struct LogWriter {
    let database: Database

    func append(_ entry: LogEntry) throws -> AppendOutcome {
        switch entry {
        case .interaction(let logged, let earlierHashes):
            let interaction = logged.interaction
            let statement = try database.cachedStatement(sql: Self.insertInteraction)
            statement.setUncheckedArguments(InteractionRows.arguments(logged))
            try statement.execute()
            return try outcome(
                table: "interactions", deployment: interaction.deployment, id: interaction.id, keyID: logged.keyID,
                bodyHash: logged.bodyHash, earlierHashes: earlierHashes)
        case .rating(let logged, let earlierHashes):
            let rating = logged.rating
            let statement = try database.cachedStatement(sql: Self.insertRating)
            statement.setUncheckedArguments(RatingRows.arguments(logged))
            try statement.execute()
            return try outcome(
                table: "ratings", deployment: rating.deployment, id: rating.id, keyID: logged.keyID,
                bodyHash: logged.bodyHash, earlierHashes: earlierHashes)
        }
    }

    private func outcome(
        table: String, deployment: String, id: String, keyID: String, bodyHash: [UInt8],
        earlierHashes: [String: [UInt8]]
    ) throws -> AppendOutcome {
        if database.changesCount > 0 { return .accepted(sequence: database.lastInsertedRowID) }
        let statement = try database.cachedStatement(
            sql: "SELECT seq, key_id, body_hash FROM \(table) WHERE deployment = ? AND id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [deployment, id]) else {
            throw StoreError.invalid(reason: "\(table) refused \(id) and does not hold it")
        }
        let storedKey: String = row["key_id"]
        let stored: Blob = row["body_hash"]
        // A key that nobody can compute with any more cannot show the bodies to be equal, so it is a conflict.
        let offered = storedKey == keyID ? bodyHash : earlierHashes[storedKey]
        return offered == stored.bytes ? .duplicate(sequence: row["seq"]) : .conflict
    }

    private static let insertInteraction = """
        INSERT INTO interactions (deployment, id, time, received, unit, conversation, adapter, key_id, body_hash, record,
            messages, response, error, latency_ms, first_token_ms, prompt_tokens, completion_tokens, log_probability,
            metadata, redacted_response, redactions, from_gateway)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (deployment, id) DO NOTHING
        """

    private static let insertRating = """
        INSERT INTO ratings (deployment, id, interaction, time, received, rater, scale, value_number, value_label,
            comment, correction, key_id, body_hash, record, redacted_correction, redactions)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (deployment, id) DO NOTHING
        """
}
