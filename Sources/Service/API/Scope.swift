/// What a token may do: post records; be assigned and use the gateway; read, but no texts; judge answers of a shadow replay; act; erase and export a person; manage tokens and webhooks (Unix socket only).
package enum Scope: String, Codable, CaseIterable, Equatable, Sendable {
    case ingest, assign, read, judge, operate, erase, admin
}
