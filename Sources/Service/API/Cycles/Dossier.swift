package import Values

/// Everything that a cycle's decisions rest on; one a cycle, also where no adapter came of it.
package struct Dossier: Codable, Equatable, Sendable {
    package var v: Int
    package var cycle: String
    package var deployment: String
    package var state: CycleState
    package var trigger: JSONValue?
    package var alarm: AlarmView?
    package var window: WindowView?
    package var probe: ProbeView?
    /// The impact map as it was selected from.
    package var map: JSONValue?
    package var selection: JSONValue?
    package var training: [TrainingRow]
    /// The data report.
    package var data: JSONValue?
    /// The training's.
    package var settings: JSONValue?
    package var gate: JSONValue?
    package var experiment: ExperimentView?
    /// The final figures of a shadow replay.
    package var shadow: JSONValue?
    package var steps: [CycleStepView]
    package var cost: [String: Double]
    /// Replacements that redaction made in the window's texts, by kind.
    package var redactions: [String: Int]?
    /// Said after an erasure, when only stored sums are left.
    package var erasure: String?

    package init(
        v: Int, cycle: String, deployment: String, state: CycleState, trigger: JSONValue? = nil,
        alarm: AlarmView? = nil, window: WindowView? = nil, probe: ProbeView? = nil, map: JSONValue? = nil,
        selection: JSONValue? = nil, training: [TrainingRow], data: JSONValue? = nil, settings: JSONValue? = nil,
        gate: JSONValue? = nil, experiment: ExperimentView? = nil, shadow: JSONValue? = nil, steps: [CycleStepView],
        cost: [String: Double], redactions: [String: Int]? = nil, erasure: String? = nil
    ) {
        self.v = v
        self.cycle = cycle
        self.deployment = deployment
        self.state = state
        self.trigger = trigger
        self.alarm = alarm
        self.window = window
        self.probe = probe
        self.map = map
        self.selection = selection
        self.training = training
        self.data = data
        self.settings = settings
        self.gate = gate
        self.experiment = experiment
        self.shadow = shadow
        self.steps = steps
        self.cost = cost
        self.redactions = redactions
        self.erasure = erasure
    }
}
