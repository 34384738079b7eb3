import GRDB
import Traffic
import Values

/// Interactions as rows.
enum InteractionRows {
    static func arguments(_ logged: LoggedInteraction) -> StatementArguments {
        let interaction = logged.interaction
        return [
            interaction.deployment, interaction.id, interaction.time, logged.received, interaction.unit,
            interaction.conversation, interaction.adapter, logged.keyID, Blob(logged.bodyHash), logged.record,
            JSONColumn(.array(interaction.messages.map(encode))), interaction.response, interaction.error,
            interaction.latencyMilliseconds, interaction.timeToFirstTokenMilliseconds, interaction.promptTokens,
            interaction.completionTokens, interaction.logProbability, interaction.metadata.map(JSONColumn.init),
            RedactionColumns.encode(logged.redactedResponse), RedactionColumns.encode(logged.redactions),
            logged.fromGateway,
        ]
    }

    static func decode(_ row: Row) throws -> StoredInteraction {
        let messages: JSONColumn = try row.value("messages")
        let metadata: JSONColumn? = row["metadata"]
        guard case .array(let elements) = messages.value else {
            throw StoreError.failed(reason: "the messages of interaction \(row["seq"] as Int64) are no array")
        }
        let interaction = Interaction(
            id: row["id"], deployment: row["deployment"], time: try row.value("time"), unit: row["unit"],
            conversation: row["conversation"], messages: try elements.map(decodeMessage), response: row["response"],
            error: row["error"], adapter: row["adapter"], latencyMilliseconds: row["latency_ms"],
            timeToFirstTokenMilliseconds: row["first_token_ms"], promptTokens: row["prompt_tokens"],
            completionTokens: row["completion_tokens"], logProbability: row["log_probability"],
            metadata: metadata?.value)
        let hash: Blob = try row.value("body_hash")
        return StoredInteraction(
            sequence: row["seq"],
            logged: LoggedInteraction(
                interaction: interaction, keyID: row["key_id"], bodyHash: hash.bytes, record: row["record"],
                received: try row.value("received"),
                redactedResponse: RedactionColumns.ranges(row["redacted_response"]),
                redactions: RedactionColumns.counts(row["redactions"]), fromGateway: row["from_gateway"]))
    }

    private static func encode(_ message: Message) -> JSONValue {
        let content: JSONValue =
            switch message.content {
            case .text(let text): .string(text)
            case .parts(let parts): .object(JSONObject([.init(name: "parts", value: parts)]))
            }
        return .array([.string(message.role), content])
    }

    private static func decodeMessage(_ value: JSONValue) throws -> Message {
        if case .array(let pair) = value, pair.count == 2, case .string(let role) = pair[0] {
            if case .string(let text) = pair[1] { return Message(role: role, content: .text(text)) }
            if case .object(let object) = pair[1], object.members.count == 1 {
                return Message(role: role, content: .parts(object.members[0].value))
            }
        }
        throw StoreError.failed(reason: "a stored message is not a pair of role and content")
    }
}

/// Ratings as rows.
enum RatingRows {
    static func arguments(_ logged: LoggedRating) -> StatementArguments {
        let rating = logged.rating
        let (number, label): (Double?, String?) =
            switch rating.value {
            case .number(let number): (number, nil)
            case .label(let label): (nil, label)
            }
        return [
            rating.deployment, rating.id, rating.interaction, rating.time, logged.received, rating.rater, rating.scale,
            number, label, rating.comment, rating.correction, logged.keyID, Blob(logged.bodyHash), logged.record,
            RedactionColumns.encode(logged.redactedCorrection), RedactionColumns.encode(logged.redactions),
        ]
    }

    static func value(_ row: Row) -> Rating.Value {
        if let label: String = row["value_label"] { return .label(label) }
        return .number(row["value_number"])
    }

    static func decode(_ row: Row) throws -> StoredRating {
        let rating = Rating(
            id: row["id"], deployment: row["deployment"], interaction: row["interaction"], time: try row.value("time"),
            rater: row["rater"], scale: row["scale"], value: value(row), comment: row["comment"],
            correction: row["correction"])
        let hash: Blob = try row.value("body_hash")
        return StoredRating(
            sequence: row["seq"],
            logged: LoggedRating(
                rating: rating, keyID: row["key_id"], bodyHash: hash.bytes, record: row["record"],
                received: try row.value("received"),
                redactedCorrection: RedactionColumns.ranges(row["redacted_correction"]),
                redactions: RedactionColumns.counts(row["redactions"])))
    }
}

/// What redaction did, as small JSON texts; NULL where it did nothing.
enum RedactionColumns {
    static func encode(_ ranges: [Range<Int>]) -> JSONColumn? {
        if ranges.isEmpty { return nil }
        return JSONColumn(
            .array(ranges.map { .array([.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))]) }))
    }

    static func encode(_ counts: [String: Int]) -> JSONColumn? {
        if counts.isEmpty { return nil }
        let members = counts.sorted { $0.key < $1.key }.map {
            JSONObject.Member(name: $0.key, value: .integer(Int64($0.value)))
        }
        return JSONColumn(.object(JSONObject(members)))
    }

    static func ranges(_ text: JSONColumn?) -> [Range<Int>] {
        guard case .array(let elements) = text?.value else { return [] }
        return elements.compactMap { element in
            guard case .array(let pair) = element, pair.count == 2, case .integer(let lower) = pair[0],
                case .integer(let upper) = pair[1], lower <= upper
            else { return nil }
            return Int(lower)..<Int(upper)
        }
    }

    static func counts(_ text: JSONColumn?) -> [String: Int] {
        guard case .object(let object) = text?.value else { return [:] }
        var counts: [String: Int] = [:]
        for member in object.members {
            if case .integer(let count) = member.value { counts[member.name] = Int(count) }
        }
        return counts
    }
}

extension Row {
    /// The value of a column that is always there; a row that lacks it or holds something else is damaged.
    func value<Value: DatabaseValueConvertible>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let stored: DatabaseValue = self[column]
        guard let value = Value.fromDatabaseValue(stored) else {
            // What it holds is not said: it may be somebody's text.
            let row: String? = self["id"] ?? self["experiment"]
            throw StoreError.damaged(what: "\(column)\(row.map { " of \($0)" } ?? "") is not what was written")
        }
        return value
    }
}
