package import Values

/// What somebody thinks of an interaction, as an application posts it: not yet redacted.
package struct Rating: Equatable, Sendable {
    /// A rating on its scale: a number for thumbs, stars and ranges, a word for labels.
    package enum Value: Equatable, Sendable {
        case number(Double)
        case label(String)
    }

    package var id: String
    package var deployment: String
    /// The interaction's id; it may arrive later than its rating.
    package var interaction: String
    package var time: Timestamp
    /// Who rated; absent: the interaction's unit.
    package var rater: String?
    /// Name of a configured scale; absent: the deployment's first.
    package var scale: String?
    package var value: Value
    package var comment: String?
    /// The answer it should have been.
    package var correction: String?

    package init(
        id: String, deployment: String, interaction: String, time: Timestamp, rater: String? = nil,
        scale: String? = nil, value: Value, comment: String? = nil, correction: String? = nil
    ) {
        self.id = id
        self.deployment = deployment
        self.interaction = interaction
        self.time = time
        self.rater = rater
        self.scale = scale
        self.value = value
        self.comment = comment
        self.correction = correction
    }
}
