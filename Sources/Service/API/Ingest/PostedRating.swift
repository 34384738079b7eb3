package import Values

/// A rating as an application posts it.
package struct PostedRating: Codable, Equatable, Sendable {
    /// Idempotency key, unique in its deployment.
    package var id: String
    package var deployment: String
    /// The interaction's id; it may arrive later.
    package var interaction: String
    package var time: Timestamp
    /// Absent: the interaction's unit.
    package var rater: String?
    /// Absent: the deployment's first.
    package var scale: String?
    /// A number, or a word of the scale.
    package var value: JSONValue
    package var comment: String?
    /// The answer it should have been.
    package var correction: String?

    package init(
        id: String, deployment: String, interaction: String, time: Timestamp, rater: String? = nil,
        scale: String? = nil, value: JSONValue, comment: String? = nil, correction: String? = nil
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
