import Locking
import Contracts
import Experimentation
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Judges the candidate on what both arms answered of the held-out rows.
    func takeGate(_ folder: String, _ cycle: Cycle, at now: Timestamp, _ jobPart: @escaping CommitParts) async throws {
        guard let through = cycle.dataThrough else { throw LoopFault("the cycle has no data") }
        let data = try await trainingData(recentFrom: cycle.recentFrom, through: through, seed: seed(of: cycle))
        let answers = try JobFolderReader.answers(in: folder)
        let settings = context.deployment.gate
        let comparesText = context.deployment.answers == .text
        let gate = Gate(
            margin: comparesText ? settings.marginNats : settings.margin, leastOldRows: settings.leastOldRows,
            comparesText: comparesText, seed: seed(of: cycle))
        let golden = GoldenSet.examples(path: context.deployment.goldenSet)
        let report = await offPool {
            let rows = GateRows(answers)
            return gate.judge(
                recent: rows.rows(.heldout, examples: data.heldout.map(\.example)),
                old: rows.rows(.old, examples: data.old.map(\.example)),
                golden: rows.rows(.golden, examples: golden))
        }
        let reason = settings.enabled ? report.reason : "the gate is off (it would have said: \(report.reason))"
        try await apply(.gated(passed: report.passed || !settings.enabled, reason: reason), at: now) { commit, _ in
            try jobPart(&commit, inner.withLock { $0.machine })
            commit.dossier = [DossierPart(cycle: cycle.id, name: "gate", value: try StrictJSON.encode(report))]
        }
    }
}

/// The evaluated answers by set, record and arm.
struct GateRows: Sendable {
    private struct Key: Hashable {
        var set: ExampleSet
        var record: String
    }

    private var incumbent: [Key: EvaluatedAnswer] = [:]
    private var candidate: [Key: EvaluatedAnswer] = [:]

    init(_ answers: [EvaluatedAnswer]) {
        for answer in answers {
            let key = Key(set: answer.set, record: answer.record)
            switch answer.arm {
            case .incumbent: incumbent[key] = answer
            case .candidate: candidate[key] = answer
            }
        }
    }

    /// Rows that both arms answered with finite likelihoods; others are missing and cannot speak for the candidate.
    func rows(_ set: ExampleSet, examples: [TrainingExample]) -> [Gate.Row] {
        examples.compactMap { example in
            let key = Key(set: set, record: example.record)
            guard let left = incumbent[key], let right = candidate[key], left.logLikelihood.isFinite,
                right.logLikelihood.isFinite
            else { return nil }
            return Gate.Row(
                unit: example.unit, weight: example.weight, incumbent: left.logLikelihood,
                candidate: right.logLikelihood, tokens: left.tokens, incumbentIsRight: left.exact,
                candidateIsRight: right.exact)
        }
    }
}
