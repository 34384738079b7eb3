/// Answer of `/healthz` and `/readyz`.
package struct HealthView: Codable, Equatable, Sendable {
    /// `ok`, or what is wrong.
    package var status: String
    package var checks: [HealthCheck]

    package init(status: String, checks: [HealthCheck]) {
        self.status = status
        self.checks = checks
    }
}
