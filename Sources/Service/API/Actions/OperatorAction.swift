/// What an operator can ask for.
package enum OperatorAction: String, Codable, CaseIterable, Equatable, Sendable {
    case retrain, approve, reject, promote, rollback, advance, cancel, pause, resume, holdRamp, releaseRamp
}
