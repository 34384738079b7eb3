/// One job of one base model, with its own loop, adapters and experiments.
package struct DeploymentSettings: Equatable, Sendable {
    /// How much the daemon may do by itself.
    package enum Mode: String, Decodable, Sendable, CaseIterable {
        /// Log, watch, plan, touch nothing.
        case observe
        /// Train and gate, wait for a person.
        case propose
        /// The whole loop.
        case act
    }

    /// What the model answers with, which decides how the gate compares old traffic.
    package enum Answers: String, Decodable, Sendable, CaseIterable {
        /// Short answers that are right or wrong; the gate compares exact answers.
        case labels
        /// Free text; the gate compares log-likelihoods.
        case text
    }

    package var name = ""
    package var mode = Mode.observe
    package var answers = Answers.labels
    /// Folder of the base checkpoint (Hugging Face layout).
    package var model = ""
    /// Folder of the first incumbent (PEFT); empty: the base alone.
    package var adapter = ""
    /// `builtin`, or the URL of a server that speaks the serving contract (`http://…`, `unix:/path`).
    package var server = "builtin"
    /// The base model's name at the server; empty: the deployment's name.
    package var servedModel = ""
    /// Folder where adapters are put for a server outside; empty: they are named where they lie.
    package var adapterExport = ""
    /// File of messages with the answer they must get, one JSON object a line; empty for none.
    package var goldenSet = ""
    package var scales = [ScaleSettings()]
    /// Name of the scale that experiments decide on; empty: the first.
    package var goal = ""
    package var drift = DriftSettings()
    package var cycle = CycleSettings()
    package var training = TrainingSettings()
    package var gate = GateSettings()
    package var experiment = ExperimentSettings()

    package init() {}

    package var servedBaseName: String { servedModel.isEmpty ? name : servedModel }
    /// Whether anything serves; a deployment that only logs names neither a server nor a model.
    package var hasServer: Bool { server != "builtin" || !model.isEmpty }
    package var goalScale: String { goal.isEmpty ? scales[0].name : goal }
}

extension DeploymentSettings: Decodable {
    /// The keys of an entry of `deployments`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, mode, answers, model, adapter, server, servedModel, adapterExport, goldenSet, scales, goal
        case drift, cycle, training, gate, experiment
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        try values.read(&mode, .mode)
        try values.read(&answers, .answers)
        try values.read(&model, .model)
        try values.read(&adapter, .adapter)
        try values.read(&server, .server)
        try values.read(&servedModel, .servedModel)
        try values.read(&adapterExport, .adapterExport)
        try values.read(&goldenSet, .goldenSet)
        try values.read(&scales, .scales)
        try values.read(&goal, .goal)
        try values.read(&drift, .drift)
        try values.read(&cycle, .cycle)
        try values.read(&training, .training)
        try values.read(&gate, .gate)
        try values.read(&experiment, .experiment)
    }
}
