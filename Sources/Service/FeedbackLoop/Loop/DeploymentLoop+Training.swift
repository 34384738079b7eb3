import Contracts
import Locking
import Serving
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Takes a trained adapter over under its name, with the rows that it descends from.
    func takeAdapter(
        _ folder: String, _ cycle: Cycle, _ result: JobResult, at now: Timestamp, _ jobPart: @escaping CommitParts
    ) async throws {
        let candidate = inner.withLock { $0.machine.nextCandidate }
        let version = state.counters.adapter + 1
        let digest = try await offPool { [files = context.adapters] in
            try files.adopt(candidate, from: "\(folder)/\(JobFolder.adapter)")
        }
        let data = try await trainingData(of: cycle)
        let lineage = Self.lineage(data, adapter: candidate)
        let parent = state.serving.adapter
        let metrics = try StrictJSON.encode(result)
        let modules = cycle.selection?.modules.map(\.name) ?? []
        let summary =
            "\(candidate): \(result.trainedParameters ?? 0) parameters in \(modules.count) modules trained in \(Int(result.cpuSeconds.rounded())) CPU seconds"
        try await apply(.trained(summary: summary), at: now) { commit, machine in
            try jobPart(&commit, machine)
            commit.adapters = [
                AdapterRecord(
                    deployment: name, name: candidate, version: version, parent: parent, status: .trained,
                    cycle: cycle.id, created: now, folder: candidate, digest: digest,
                    trainedParameters: result.trainedParameters, metrics: metrics)
            ]
            commit.lineage = lineage
            commit.dossier = [DossierPart(cycle: cycle.id, name: "trainingResult", value: metrics)]
        }
    }

    private static func lineage(_ data: TrainingData, adapter: String) -> [LineageRecord] {
        func records(_ rows: [TrainingData.Row], _ set: LineageRecord.DataSet) -> [LineageRecord] {
            rows.map {
                LineageRecord(
                    adapter: adapter, record: $0.example.record, interaction: $0.interaction, rating: $0.rating,
                    set: set, weight: $0.example.weight)
            }
        }
        return records(data.train, .train) + records(data.heldout, .heldout) + records(data.old, .old)
    }
}
