package import Values

/// The edge of the daemon: what comes in as an application wrote it leaves redacted and pseudonymous, and only that
/// form reaches the disk.
///
/// 1. The record's fields are read and checked; unknown ones are errors.
/// 2. A keyed hash of the whole original body is kept, for the conflict check.
/// 3. Texts are redacted (`Redactor`): messages, response, error, metadata, comment, correction.
/// 4. Unit, rater and conversation become keyed pseudonyms.
/// 5. The row that results is named by the digest of its canonical JSON.
package struct TrafficEdge: Sendable {
    package var keys: PseudonymKeys
    package var limits: TrafficLimits
    /// The scales of each deployment that this daemon has, first the default; deployments that are not here are unknown.
    package var scales: [String: [RatingScale]]
    private let redactor = Redactor()

    package init(keys: PseudonymKeys, limits: TrafficLimits = TrafficLimits(), scales: [String: [RatingScale]]) {
        self.keys = keys
        self.limits = limits
        self.scales = scales
    }

    /// Reads `POST /v1/interactions`: a result per record. Throws what concerns the body as a whole.
    package func interactions(
        in body: [UInt8], format: TrafficFormat, received: Timestamp
    ) throws(TrafficError) -> [Result<LoggedInteraction, TrafficError>] {
        try RecordReader.records(in: body, format: format, limits: limits).enumerated().map { index, record in
            record.flatMap { object in
                Result { () throws(TrafficError) in
                    try interaction(from: object, record: index, received: received)
                }
            }
        }
    }

    /// Reads `POST /v1/ratings`: a result per record. Throws what concerns the body as a whole.
    package func ratings(
        in body: [UInt8], format: TrafficFormat, received: Timestamp
    ) throws(TrafficError) -> [Result<LoggedRating, TrafficError>] {
        try RecordReader.records(in: body, format: format, limits: limits).enumerated().map { index, record in
            record.flatMap { object in
                Result { () throws(TrafficError) in try rating(from: object, record: index, received: received) }
            }
        }
    }

    /// Reads one interaction; `record` is its place in the body, from 0, for the error.
    package func interaction(
        from object: JSONObject, record: Int = 0, received: Timestamp
    ) throws(TrafficError) -> LoggedInteraction {
        let interaction = try Interaction(reading: object, record: record, received: received, limits: limits)
        try checkDeployment(interaction.deployment, record: record)
        return log(
            interaction, body: JSONValue.object(object).canonical, received: received, fromGateway: false)
    }

    /// A row that the gateway wrote itself: its own form is the body that is hashed.
    package func gatewayInteraction(_ interaction: Interaction, received: Timestamp) -> LoggedInteraction {
        log(interaction, body: interaction.json.canonical, received: received, fromGateway: true)
    }

    /// What went through the gateway is no reason to keep more of it than an application may post: longer texts are cut, and
    /// such a row teaches nothing. After the redaction, so that no half of a number is left at the cut.
    private func bounded(_ original: Interaction) -> Interaction {
        var row = original
        row.messages = Array(row.messages.suffix(limits.messagesPerRecord))
        for index in row.messages.indices {
            switch row.messages[index].content {
            case .text(let text): row.messages[index].content = .text(cut(text))
            case .parts(let parts) where parts.serialized.count > limits.textBytes:
                row.messages[index].content = .parts([["type": "text", "text": "…"]])
            case .parts: break
            }
        }
        row.response = row.response.map(cut)
        guard row != original, let last = row.messages.indices.last, case .text(let text) = row.messages[last].content
        else { return row }
        // Messages that are written as parts are never taught from.
        row.messages[last].content = .parts([["type": "text", "text": .string(text)]])
        return row
    }

    private func cut(_ text: String) -> String {
        guard text.utf8.count > limits.textBytes else { return text }
        return String(decoding: text.utf8.prefix(limits.textBytes), as: UTF8.self) + "…"
    }

    /// Reads one rating, which must fit a scale of its deployment; `record` is its place in the body, from 0, for the
    /// error.
    package func rating(
        from object: JSONObject, record: Int = 0, received: Timestamp
    ) throws(TrafficError) -> LoggedRating {
        var rating = try Rating(reading: object, record: record, received: received, limits: limits)
        try checkDeployment(rating.deployment, record: record)
        try rating.settle(on: scales[rating.deployment] ?? [], record: record)
        let body = JSONValue.object(object).canonical
        var counts: [String: Int] = [:]
        rating.comment = rating.comment.map { redact($0, counting: &counts).text }
        let correction = rating.correction.map { redact($0, counting: &counts) }
        rating.correction = correction?.text
        rating.rater = rating.rater.map {
            keys.pseudonym(of: $0, kind: .unit, deployment: rating.deployment)
        }
        return LoggedRating(
            rating: rating, keyID: keys.currentID, bodyHash: keys.bodyHash(of: body, keyID: keys.currentID) ?? [],
            record: RecordDigest.digest(of: rating.json), received: received,
            redactedCorrection: correction?.ranges ?? [], redactions: counts, earlierBodyHashes: earlierHashes(of: body)
        )
    }

    private func log(
        _ original: Interaction, body: [UInt8], received: Timestamp, fromGateway: Bool
    ) -> LoggedInteraction {
        var interaction = original
        var counts: [String: Int] = [:]
        for index in interaction.messages.indices {
            switch interaction.messages[index].content {
            case .text(let text):
                interaction.messages[index].content = .text(redact(text, counting: &counts).text)
            case .parts(let parts):
                interaction.messages[index].content = .parts(redactor.redact(parts, counting: &counts))
            }
        }
        let response = interaction.response.map { redact($0, counting: &counts) }
        interaction.response = response?.text
        interaction.error = interaction.error.map { redact($0, counting: &counts).text }
        interaction.metadata = interaction.metadata.map { redactor.redact($0, counting: &counts) }
        interaction.unit = interaction.unit.map {
            keys.pseudonym(of: $0, kind: .unit, deployment: interaction.deployment)
        }
        interaction.conversation = interaction.conversation.map {
            keys.pseudonym(of: $0, kind: .conversation, deployment: interaction.deployment)
        }
        var ranges = response?.ranges ?? []
        if fromGateway {
            let whole = interaction.response
            interaction = bounded(interaction)
            if interaction.response != whole { ranges = [] }
        }
        return LoggedInteraction(
            interaction: interaction, keyID: keys.currentID,
            bodyHash: keys.bodyHash(of: body, keyID: keys.currentID) ?? [],
            record: RecordDigest.digest(of: interaction.json), received: received,
            redactedResponse: ranges, redactions: counts, fromGateway: fromGateway,
            earlierBodyHashes: earlierHashes(of: body))
    }

    private func redact(_ text: String, counting counts: inout [String: Int]) -> RedactedText {
        let redacted = redactor.redact(text)
        for (kind, count) in redacted.counts { counts[kind.rawValue, default: 0] += count }
        return redacted
    }

    private func earlierHashes(of body: [UInt8]) -> [String: [UInt8]] {
        var hashes: [String: [UInt8]] = [:]
        for id in keys.ids.dropFirst() { hashes[id] = keys.bodyHash(of: body, keyID: id) }
        return hashes
    }

    private func checkDeployment(_ name: String, record: Int) throws(TrafficError) {
        guard scales[name] == nil else { return }
        throw TrafficError(
            kind: .deploymentUnknown,
            detail: "Record \(record), field deployment: this daemon has no deployment \(name); "
                + "GET /v1/deployments lists those that there are.",
            record: record, field: "deployment")
    }
}
