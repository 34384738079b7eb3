/// Something that must not get worse, whatever the goal says.
package struct GuardrailView: Codable, Equatable, Sendable {
    package var name: String
    package var incumbent: Double?
    package var candidate: Double?
    package var limit: Double?
    package var ok: Bool
    package var detail: String

    package init(
        name: String, incumbent: Double? = nil, candidate: Double? = nil, limit: Double? = nil, ok: Bool, detail: String
    ) {
        self.name = name
        self.incumbent = incumbent
        self.candidate = candidate
        self.limit = limit
        self.ok = ok
        self.detail = detail
    }
}
