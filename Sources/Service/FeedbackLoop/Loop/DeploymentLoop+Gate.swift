import Contracts
import Experimentation
import Locking
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Judges the candidate on what both arms answered of the held-out rows.
    func takeGate(_ folder: String, _ cycle: Cycle, at now: Timestamp, _ jobPart: @escaping CommitParts) async throws {
        let recent = try JobFolderReader.examples(.heldout, in: folder)
        let old = try JobFolderReader.examples(.old, in: folder)
        let answers = try JobFolderReader.answers(in: folder)
        let settings = context.deployment.gate
        let comparesText = context.deployment.answers == .text
        let gate = Gate(
            margin: comparesText ? settings.marginNats : settings.margin, leastOldRows: settings.leastOldRows,
            comparesText: comparesText, seed: seed(of: cycle))
        // As it was when the job began, like the other rows.
        let golden = try JobFolderReader.examples(.golden, in: folder)
        let report = await offPool {
            let rows = GateRows(answers)
            var report = gate.judge(
                recent: rows.rows(.heldout, examples: recent), old: rows.rows(.old, examples: old),
                golden: rows.rows(.golden, examples: golden))
            let missing = rows.missing(.heldout, recent) + rows.missing(.old, old) + rows.missing(.golden, golden)
            if missing > 0 {
                report.passed = false
                report.reason = "\(missing) rows have no finite answer of both arms, so nothing is known of them"
            }
            return report
        }
        let problem = report.passed || !settings.enabled ? try await planProblem(report, at: now) : nil
        let reason = settings.enabled ? report.reason : "the gate is off (it would have said: \(report.reason))"
        try await apply(
            .gated(passed: report.passed || !settings.enabled, reason: reason, problem: problem), at: now
        ) { commit, machine in
            try jobPart(&commit, machine)
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

    /// How many of the examples lack a finite answer of an arm.
    func missing(_ set: ExampleSet, _ examples: [TrainingExample]) -> Int {
        examples.count - rows(set, examples: examples).count
    }

    /// Rows that both arms answered with finite likelihoods.
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
