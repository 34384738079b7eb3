/// What an adapter is to its deployment.
package enum AdapterState: String, Codable, CaseIterable, Equatable, Sendable {
    case candidate, incumbent, holdback, retired, rejected, rolledBack
}
