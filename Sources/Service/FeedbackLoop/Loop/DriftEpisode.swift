package import Values

/// From an alarm to the time when the traffic of then became the new normal.
package struct DriftEpisode: Codable, Equatable, Sendable {
    /// In how many of the compared queries a term stands.
    package struct Term: Codable, Equatable, Sendable {
        package var term: String
        package var recent: Int
        package var reference: Int
    }

    package var kind: Cycle.Trigger.Kind
    package var since: Timestamp
    /// When the change is thought to have begun.
    package var onset: Timestamp
    package var ended: Timestamp?
    /// What changed, in a sentence.
    package var reason: String
    /// Chance that a recent query or rating looks worse than a reference one; 0.5: no difference.
    package var effect: Double?
    /// How many queries the terms were looked for in.
    package var recentQueries = 0
    package var referenceQueries = 0
    package var newTerms: [Term] = []
    /// Interactions that show what is new. Their texts stay in the log alone, where erasure and retention reach them.
    package var examples: [String] = []
    /// Whether a cycle was asked for; an alarm during a pause asks again when it is over.
    package var isHandled = false
}
