/// What a token may do: post records; be assigned and use the gateway; read; act; erase and export a person; manage tokens and webhooks (Unix socket only).
package enum Scope: String, Codable, CaseIterable, Equatable, Sendable {
    case ingest, assign, read, operate, erase, admin
}
