/// A line of `GET …/experiments/{e}/difficulties`: how difficult the first query of a rated unit is.
package struct DifficultyRow: Codable, Equatable, Sendable {
    /// Pseudonym that the unit was first enrolled as.
    package var unit: String
    /// Mean of −ln p over the first tokens of the incumbent's own greedy answer, in nats a token; absent: it was asked and gave
    /// no figure.
    package var difficulty: Double?
    /// First look that saw it, from 0.
    package var look: Int?

    package init(unit: String, difficulty: Double? = nil, look: Int? = nil) {
        self.unit = unit
        self.difficulty = difficulty
        self.look = look
    }
}
