/// One thing that is looked after.
package struct HealthCheck: Codable, Equatable, Sendable {
    package var check: String
    package var ok: Bool
    package var detail: String

    package init(check: String, ok: Bool, detail: String) {
        self.check = check
        self.ok = ok
        self.detail = detail
    }
}
