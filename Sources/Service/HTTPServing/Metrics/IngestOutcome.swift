/// What becomes of a record.
enum IngestOutcome: String, CaseIterable, Sendable {
    case accepted, duplicate, rejected
}
