/// What a training row was used for.
package enum TrainingSet: String, Codable, CaseIterable, Equatable, Sendable {
    case train, heldout, old
}
