import Contracts
import Foundation
import Values

/// Job folders on a base of the test's own making, and the real `retuned-engine job`.
struct EngineJobFixture {
    let folder: String

    static let executable =
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/retuned-engine"

    init() throws {
        folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/job-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
        try Self.writeBase(folder + "/base")
    }

    /// Another folder with the same base, data and description.
    init(copying other: EngineJobFixture) throws {
        folder = other.folder + "-copy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["base", "data", "job.json", "incumbent", "candidate"]
        where FileManager.default.fileExists(atPath: other.folder + "/" + name) {
            try FileManager.default.copyItem(atPath: other.folder + "/" + name, toPath: folder + "/" + name)
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Running

    struct Ending {
        /// The signal that ended it, or nil.
        var signal: Int32?
        var status: Int32
        var seconds: Double
        var errors: String
    }

    /// Runs the job to its end, or sends a signal after some time.
    ///
    /// The engine dies with the thread that started it, so this call stays on its thread until the end.
    func run(
        signal: Int32? = nil, after seconds: Double = 0, inPhase phase: String? = nil, parent: Int32? = nil,
        atSignal: () throws -> Void = {}
    ) throws -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = ["job", folder] + (parent.map { ["--parent", "\($0)"] } ?? [])
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let errors = folder + "/stderr"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        let start = ContinuousClock.now
        try process.run()
        var since = start
        if let signal, let phase {
            // Seen in what the job says itself, so that the machine's pace does not matter.
            while ended.wait(timeout: .now() + 0.005) == .timedOut {
                guard String(decoding: (try? bytes("progress.jsonl")) ?? Data(), as: UTF8.self).contains("\"\(phase)\"")
                else { continue }
                since = ContinuousClock.now
                kill(process.processIdentifier, signal)
                ended.wait()
                break
            }
        } else if ended.wait(timeout: seconds > 0 ? .now() + seconds : .distantFuture) == .timedOut {
            try atSignal()
            since = ContinuousClock.now
            if let signal { kill(process.processIdentifier, signal) }
            ended.wait()
        }
        let passed = (ContinuousClock.now - since).components
        let byException = process.terminationReason == .uncaughtSignal
        return Ending(
            signal: byException ? process.terminationStatus : nil, status: process.terminationStatus,
            seconds: Double(passed.seconds) + Double(passed.attoseconds) * 1e-18,
            errors: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
    }

    func result() throws -> JobResult {
        try StrictJSON.decode(JobResult.self, parsing: Array(try bytes("result/result.json")))
    }

    var hasResult: Bool { FileManager.default.fileExists(atPath: folder + "/result") }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)) }

    /// Every file that a job made, by name, the description with its times apart.
    func made() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder + "/result")
        where name != "result.json" && name != "adapter" {
            files[name] = try bytes("result/" + name)
        }
        return files
    }

    // MARK: What goes in

    func write(_ job: JobDescription) throws {
        try Data(StrictJSON.encodeBytes(job)).write(to: URL(fileURLWithPath: folder + "/job.json"))
    }

    func write(_ rows: [TrainingExample], as set: ExampleSet) throws {
        let lines = try rows.map { try StrictJSON.encodeBytes($0) + [10] }.flatMap(\.self)
        try Data(lines).write(to: URL(fileURLWithPath: folder + "/" + set.path))
    }

    /// Requests whose answer follows from their words.
    static func rows(_ count: Int, offset: Int = 0) -> [TrainingExample] {
        let things = ["card", "order", "flight", "pizza", "seat", "loan", "alarm", "refund"]
        let verbs = ["lost my", "need a new", "cancel the", "where is the"]
        return (0..<count).map { index in
            let number = index + offset
            let thing = things[number % things.count]
            let verb = verbs[(number / things.count) % verbs.count]
            return TrainingExample(
                record: "sha256:\(number)", unit: "u\(number % 23)",
                messages: [
                    .init(role: "system", content: "Name it."), .init(role: "user", content: "\(verb) \(thing)"),
                ],
                answer: "\(thing) \(verb.prefix(4))", weight: number % 5 == 0 ? 2 : 1, desirable: true)
        }
    }

    func job(
        _ kind: JobDescription.Kind, incumbent: String? = nil, candidate: String? = nil, cpuSeconds: Double = 300,
        memoryBytes: Int = 1_500_000_000, epochs: Int = 2, rank: Int = 4
    ) throws -> JobDescription {
        JobDescription(
            id: "j-1", kind: kind, base: "base", baseDigest: try digest(), incumbent: incumbent, candidate: candidate,
            template: "chatml", seed: 7,
            limits: .init(cpuSeconds: cpuSeconds, memoryBytes: memoryBytes, threads: 1),
            impact: kind == .impact ? .init(method: "gradientMagnitude", maximumMessages: 256, folds: 4) : nil,
            train: kind == .train
                ? .init(
                    selection: Selection(modules: [
                        .init(name: "layers.0.mlp.down_proj", rank: rank),
                        .init(name: "layers.1.mlp.up_proj", rank: rank),
                    ]), parameterBudget: 20_000, maximumRank: 8, objective: .supervised, epochs: epochs,
                    learningRates: [3e-3, 1e-2], batchTokens: 512) : nil,
            evaluate: kind == .evaluate ? .init(metrics: [.logLikelihood, .exactAnswer]) : nil)
    }

    private func digest() throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = [folder + "/base/model.safetensors"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return "sha256:" + text.prefix(64)
    }
}
