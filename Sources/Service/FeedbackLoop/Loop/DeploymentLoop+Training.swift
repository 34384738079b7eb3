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
        _ job: String, _ folder: String, _ cycle: Cycle, _ result: JobResult, at now: Timestamp,
        _ jobPart: @escaping CommitParts
    ) async throws {
        let candidate = inner.withLock { $0.machine.nextCandidate }
        let version = state.counters.adapter + 1
        let digest = try await offPool { [files = context.adapters] in
            try files.adopt(candidate, from: "\(folder)/\(JobFolder.adapter)")
        }
        let lineage = try await context.store.rows(ofOpenJob: job).map { row in
            LineageRecord(
                adapter: candidate, record: row.record, interaction: row.interaction, rating: row.rating, set: row.set,
                weight: row.weight, unit: row.unit, rater: row.rater)
        }
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
                    baseDigest: cycle.base ?? context.checkpoint?.digest, trainedParameters: result.trainedParameters,
                    metrics: metrics)
            ]
            commit.lineage = lineage
            commit.dossier = [DossierPart(cycle: cycle.id, name: "trainingResult", value: metrics)]
        }
    }
}
