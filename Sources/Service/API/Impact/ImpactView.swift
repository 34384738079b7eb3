package import Values

/// The impact map, the selection made from it, and whether it still holds.
package struct ImpactView: Codable, Equatable, Sendable {
    package var deployment: String
    package var cycle: String?
    package var measured: Timestamp?
    package var window: WindowView?
    package var method: String?
    package var units: Int
    package var modules: [ModuleView]
    package var parameterBudget: Int
    package var selectedParameters: Int
    /// The latest.
    package var probe: ProbeView?

    package init(
        deployment: String, cycle: String? = nil, measured: Timestamp? = nil, window: WindowView? = nil,
        method: String? = nil, units: Int, modules: [ModuleView], parameterBudget: Int, selectedParameters: Int,
        probe: ProbeView? = nil
    ) {
        self.deployment = deployment
        self.cycle = cycle
        self.measured = measured
        self.window = window
        self.method = method
        self.units = units
        self.modules = modules
        self.parameterBudget = parameterBudget
        self.selectedParameters = selectedParameters
        self.probe = probe
    }
}
