/// What a deployment does now, why, since when, at what cost, and what comes next.
package struct DeploymentView: Codable, Equatable, Sendable {
    package var name: String
    package var mode: DeploymentMode
    /// True while an operator holds the loop.
    package var paused: Bool?
    package var serving: ServingView
    package var cycle: CycleSummary?
    /// Totals, unit last: `cpuSeconds`, …
    package var cost: [String: Double]
    package var health: [HealthCheck]
    package var counts: DeploymentCounts

    package init(
        name: String, mode: DeploymentMode, paused: Bool? = nil, serving: ServingView, cycle: CycleSummary? = nil,
        cost: [String: Double], health: [HealthCheck], counts: DeploymentCounts
    ) {
        self.name = name
        self.mode = mode
        self.paused = paused
        self.serving = serving
        self.cycle = cycle
        self.cost = cost
        self.health = health
        self.counts = counts
    }
}
