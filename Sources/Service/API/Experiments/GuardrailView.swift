/// Something that must not get worse, whatever the ratings say, or the metric that has to be better for a promotion.
package struct GuardrailView: Codable, Equatable, Sendable {
    package var name: String
    package var incumbent: Double?
    package var candidate: Double?
    package var limit: Double?
    /// `guardrail`: it stops the experiment; `signal`: it holds the ramp; `goal`: a promotion waits for it.
    package var role: String?
    package var ok: Bool
    package var detail: String

    package init(
        name: String, incumbent: Double? = nil, candidate: Double? = nil, limit: Double? = nil,
        role: String? = nil, ok: Bool, detail: String
    ) {
        self.name = name
        self.incumbent = incumbent
        self.candidate = candidate
        self.limit = limit
        self.role = role
        self.ok = ok
        self.detail = detail
    }
}
