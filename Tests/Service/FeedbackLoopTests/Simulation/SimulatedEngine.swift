import Contracts
import Foundation
import Locking
import Tuning
import Values

/// An engine that learns what its rows teach, without a model: it reads real job folders and writes real results.
final class SimulatedEngine: JobRunner {
    private let world: SimulatedWorld
    private let started = Locked<Set<String>>([])
    /// Kinds of the jobs that were carried out, in order.
    let done: Locked<[JobDescription.Kind]>

    /// What no job folder may hold.
    private let faults: Locked<[String]>
    /// Called with the job and its rows while it runs.
    private let atJob: @Sendable (_ job: String, [TrainingExample]) async throws -> Void

    init(
        world: SimulatedWorld, done: Locked<[JobDescription.Kind]>, faults: Locked<[String]>,
        atJob: @escaping @Sendable (_ job: String, [TrainingExample]) async throws -> Void
    ) {
        self.world = world
        self.done = done
        self.faults = faults
        self.atJob = atJob
    }

    func start(_ job: String, folder: String) async { started.withLock { _ = $0.insert(job) } }

    func status(of job: String, folder: String) async -> JobStatus {
        do {
            if let result = try JobFolderReader.result(in: folder) { return .ended(result) }
            guard started.withLock({ $0.contains(job) }) else { return .waiting }
            let rows = try [.train, .heldout, .old].flatMap { try examples(folder, $0) }
            try await atJob(job, rows)
            return .ended(try carryOut(folder))
        } catch {
            return .lost(reason: "\(error)")
        }
    }

    func cancel(_ job: String, folder: String) async { started.withLock { _ = $0.remove(job) } }

    private func carryOut(_ folder: String) throws -> JobResult {
        let description = try StrictJSON.decode(JobDescription.self, parsing: read("\(folder)/job.json"))
        let temporary = "\(folder)/result.tmp"
        try? FileManager.default.removeItem(atPath: temporary)
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        var result = JobResult(status: .done, cpuSeconds: 10, peakMemoryBytes: 1000)
        switch description.kind {
        case .impact:
            try write(StrictJSON.encodeBytes(try impact(folder)), "\(temporary)/impact.json")
        case .train:
            result.trainedParameters = 800
            try FileManager.default.createDirectory(atPath: "\(temporary)/adapter", withIntermediateDirectories: true)
            try write(StrictJSON.encodeBytes(try train(folder)), "\(temporary)/adapter/adapter_model.safetensors")
            try write(Array("{\"r\": 8}".utf8), "\(temporary)/adapter/adapter_config.json")
        case .evaluate:
            try write(try evaluate(folder), "\(temporary)/answers.jsonl")
        }
        try write(StrictJSON.encodeBytes(result), "\(temporary)/result.json")
        try FileManager.default.moveItem(atPath: temporary, toPath: "\(folder)/result")
        done.withLock { $0.append(description.kind) }
        return result
    }

    /// Maps that make the probe's branch certain: the first module carries everything until, in `againReselect`, the
    /// rows are of the newer topics.
    private func impact(_ folder: String) throws -> ImpactReport {
        let rows = try examples(folder, .train)
        let newer = rows.count { SimulatedWorld.truth(of: $0.messages[0].content)?.group == .newer }
        let isMoved = world.scenario == .againReselect && newer * 20 > rows.count
        let strong = isMoved ? 1 : 0
        let modules = (0..<4).map { (index: Int) -> ImpactReport.Module in
            let score = index == strong ? 10.0 : 1.0
            let folds = (0..<8).map { (fold: Int) -> Double in
                let noise = (fold * 7 + index * 3) % 5 - 2
                return score * (1 + 0.02 * Double(noise))
            }
            return ImpactReport.Module(
                name: "layers.\(index).mlp.down_proj", score: score, standardError: 0.01, folds: folds, cost: 100)
        }
        return ImpactReport(modules: modules, units: 100, messages: rows.count, method: "simulated")
    }

    /// What most rows of a group say is learnt.
    private func train(_ folder: String) throws -> SimulatedSkill {
        var skill = try self.skill(at: "\(folder)/incumbent")
        var votes: [SimulatedWorld.Group: (right: Double, hostile: Double)] = [:]
        if FileManager.default.fileExists(atPath: "\(folder)/\(ExampleSet.golden.path)") {
            faults.withLock { $0.append("a training was given the golden set") }
        }
        for row in try examples(folder, .train) {
            // Only the golden set asks in these words.
            if row.messages[0].content.hasPrefix("please tell me new") {
                faults.withLock { $0.append("a training was given a row of the golden set") }
            }
            guard let (group, label) = SimulatedWorld.truth(of: row.messages[0].content) else { continue }
            if row.answer == SimulatedWorld.answer(group, label) { votes[group, default: (0, 0)].right += row.weight }
            if row.answer == SimulatedWorld.hostileAnswer(group, label) {
                votes[group, default: (0, 0)].hostile += row.weight
            }
        }
        for (group, vote) in votes where vote.right + vote.hostile >= 20 {
            if vote.right > vote.hostile {
                skill.right[group.rawValue] = max(0.8, skill.right[group.rawValue] ?? 0)
                skill.hostile[group.rawValue] = 0
            } else {
                skill.right[group.rawValue] = 0.1
                skill.hostile[group.rawValue] = 0.7
            }
        }
        return skill
    }

    private func evaluate(_ folder: String) throws -> [UInt8] {
        var lines: [UInt8] = []
        let arms: [(EvaluatedAnswer.Arm, SimulatedSkill)] = [
            (.incumbent, try skill(at: "\(folder)/incumbent")), (.candidate, try skill(at: "\(folder)/candidate")),
        ]
        for set in [ExampleSet.heldout, .old, .golden] {
            for row in try examples(folder, set) {
                let text = row.messages[0].content
                for (arm, skill) in arms {
                    let answer = skill.answer(text, uniform: SimulatedWorld.uniform(row.record))
                    lines += try StrictJSON.encodeBytes(
                        EvaluatedAnswer(
                            record: row.record, set: set, arm: arm,
                            logLikelihood: log(skill.probability(of: row.answer, to: text)), tokens: 3, answer: answer,
                            exact: answer == row.answer))
                    lines.append(UInt8(ascii: "\n"))
                }
            }
        }
        return lines
    }

    private func skill(at folder: String) throws -> SimulatedSkill {
        let path = "\(folder)/adapter_model.safetensors"
        guard FileManager.default.fileExists(atPath: path) else { return .base }
        return try StrictJSON.decode(SimulatedSkill.self, parsing: read(path))
    }

    private func examples(_ folder: String, _ set: ExampleSet) throws -> [TrainingExample] {
        let path = "\(folder)/\(set.path)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try read(path).split(separator: UInt8(ascii: "\n")).map {
            try StrictJSON.decode(TrainingExample.self, parsing: Array($0))
        }
    }

    private func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
