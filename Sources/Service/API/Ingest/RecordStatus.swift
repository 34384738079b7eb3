/// What became of a record.
package enum RecordStatus: String, Codable, CaseIterable, Equatable, Sendable {
    case accepted, duplicate, conflict, rejected
}
