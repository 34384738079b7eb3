import Contracts
import ImpactMaps
import Serving
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    var budget: SelectionBudget {
        let training = context.deployment.training
        let parameters = Double(context.checkpoint?.parameters ?? 0) * training.parameterBudget
        return SelectionBudget(
            parameters: Int(parameters), maximumRank: training.maximumRank, defaultRank: training.rank)
    }

    /// Is the selection in use stale? Compares it with what today's map would select.
    func takeProbe(
        _ folder: String, _ cycle: Cycle, at now: Timestamp, _ jobPart: @escaping CommitParts
    ) async throws {
        let report = try JobFolderReader.impact(in: folder)
        let map = try ImpactMap(report)
        let recorded = (state.selection?.modules ?? []).map { SelectedModule(name: $0.name, rank: $0.rank) }
        let captured = CapturedImpact.measure(recorded, on: map, budget: budget)
        let threshold = context.deployment.cycle.staleBelow
        let probe: Cycle.Probe
        if let captured {
            let isStale = captured.isStale(threshold: threshold)
            let interval = "\(percent(captured.ratio)) [\(percent(captured.lower)), \(percent(captured.upper))]"
            probe = Cycle.Probe(
                captured: captured.ratio, lower: captured.lower, upper: captured.upper,
                branch: isStale ? .reselect : .keep,
                reason: isStale
                    ? "the selection in use is stale: it captures \(interval) of the impact that a new one would, under \(percent(threshold)); re-selecting"
                    : "the selection in use is not stale: it captures \(interval) of the impact that a new one would; it is kept"
            )
        } else {
            probe = Cycle.Probe(
                captured: nil, lower: nil, upper: nil, branch: .noSelection,
                reason: "the selection in use is larger than the budget or cannot be scored; re-selecting")
        }
        try await apply(.probed(probe), at: now) { commit, machine in
            try jobPart(&commit, machine)
            commit.dossier = [
                DossierPart(cycle: cycle.id, name: "probe", value: try StrictJSON.encode(probe)),
                DossierPart(cycle: cycle.id, name: "probeMap", value: try StrictJSON.encode(report)),
            ]
        }
    }

    /// Today's map, and the selection made from it under the budget.
    func takeMap(
        _ folder: String, _ cycle: Cycle, _ result: JobResult, at now: Timestamp, _ jobPart: @escaping CommitParts
    ) async throws {
        let report = try JobFolderReader.impact(in: folder)
        let selected = try ImpactMap(report).selection(under: budget)
        guard !selected.isEmpty else {
            throw LoopFault("no module fits the budget of \(budget.parameters) parameters; raise parameterBudget")
        }
        let selection = Selection(modules: selected.map { Selection.Module(name: $0.name, rank: $0.rank) })
        try await apply(.estimated(selection), at: now) { commit, machine in
            try jobPart(&commit, machine)
            commit.dossier = [
                DossierPart(cycle: cycle.id, name: "map", value: try StrictJSON.encode(report)),
                DossierPart(cycle: cycle.id, name: "selection", value: try StrictJSON.encode(selection)),
            ]
        }
    }

    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}

extension ImpactMap {
    /// The map that a job reported.
    init(_ report: ImpactReport) throws {
        try self.init(
            modules: report.modules.map {
                Module(
                    name: $0.name, score: $0.score, standardError: $0.standardError, folds: $0.folds, cost: $0.cost)
            })
    }
}
