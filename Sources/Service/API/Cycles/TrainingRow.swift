/// A row that taught or tested the candidate, and the accepted record it descends from.
package struct TrainingRow: Codable, Equatable, Sendable {
    /// `sha256:` of the stored row.
    package var record: String
    package var interaction: String
    package var rating: String?
    package var set: TrainingSet
    package var weight: Double

    package init(record: String, interaction: String, rating: String? = nil, set: TrainingSet, weight: Double) {
        self.record = record
        self.interaction = interaction
        self.rating = rating
        self.set = set
        self.weight = weight
    }
}
