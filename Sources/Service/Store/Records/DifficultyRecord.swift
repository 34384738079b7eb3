/// How difficult a unit's first query in an experiment is.
package struct DifficultyRecord: Equatable, Sendable {
    package var experiment: String
    /// Pseudonym that the unit was first enrolled as.
    package var unit: String
    /// Nats a token, kept to a thousandth; nil: the incumbent was asked and gave no figure.
    package var nats: Double?

    package init(experiment: String, unit: String, nats: Double?) {
        self.experiment = experiment
        self.unit = unit
        self.nats = nats
    }
}

/// A difficulty with its place in the export.
package struct StoredDifficulty: Equatable, Sendable {
    package var sequence: Int64
    package var unit: String
    package var arm: String
    package var nats: Double?

    package init(sequence: Int64, unit: String, arm: String, nats: Double?) {
        self.sequence = sequence
        self.unit = unit
        self.arm = arm
        self.nats = nats
    }
}
