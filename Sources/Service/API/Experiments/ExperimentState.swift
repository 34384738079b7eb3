/// Whether an experiment goes on.
package enum ExperimentState: String, Codable, CaseIterable, Equatable, Sendable {
    case planned, running, paused, decided
}
