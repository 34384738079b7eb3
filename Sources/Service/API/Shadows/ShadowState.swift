/// Whether a shadow replay takes judgements.
package enum ShadowState: String, Codable, CaseIterable, Equatable, Sendable { case running, ended }
