import Contracts
import FeedbackLoop
import Foundation
import Locking
import Serving
import Settings
import Store
import Traffic
import Tuning
import Values

/// A loop whose cycle waits for approval with a candidate, or compares it, over a log of labelled queries, and a server in
/// memory.
final class LoopUnderTest {
    static let cycle = "support-c-1"
    static let candidate = "support-v1"
    static let experiment = "support-e-1"

    let folder: String
    let server = ServerUnderTest()
    let kills: Locked<Bool>
    var store: DurableStore
    var loop: DeploymentLoop
    var now = Timestamp(milliseconds: 1_780_000_000_000)
    private let hasServer: Bool
    private let mode: DeploymentSettings.Mode

    /// - Parameters:
    ///   - candidate: its share of right answers; the base model's is a half.
    ///   - isComparing: the candidate is compared from the first step on.
    init(
        candidate right: Double, units: Int = 120, hasServer: Bool = true, mode: DeploymentSettings.Mode = .propose,
        isComparing: Bool = false
    ) async throws {
        folder = NSTemporaryDirectory() + "retuned-loop-\(UUID().uuidString)"
        self.hasServer = hasServer
        self.mode = mode
        kills = Locked(false)
        server.right.withLock { $0 = ["base": 0.5, Self.candidate: right] }
        store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        let source = folder + "/made"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        for (file, text) in [("adapter_config.json", "{\"r\": 8}"), ("adapter_model.safetensors", "weights")] {
            try text.write(toFile: "\(source)/\(file)", atomically: true, encoding: .utf8)
        }
        let digest = try AdapterFiles(root: folder + "/adapters").adopt(Self.candidate, from: source)
        loop = try await DeploymentLoop.open(
            Self.context(store, folder, server, hasServer, mode, kills), at: now)
        var state = loop.view.state
        state.counters = try StrictJSON.decode(
            LoopState.Counters.self, from: ["cycle": 1, "adapter": 1, "experiment": 0, "job": 0])
        var cycle = JSONObject([
            .init(name: "id", value: .string(Self.cycle)),
            .init(name: "trigger", value: ["kind": "drift", "reason": "new queries", "actor": "loop"]),
            .init(name: "started", value: .string(now.description)),
            .init(name: "since", value: .string(now.description)),
            .init(name: "recentFrom", value: .string(now.description)),
            .init(name: "candidate", value: .string(Self.candidate)),
        ])
        if isComparing {
            cycle["experiment"] = .string(Self.experiment)
            cycle["stage"] = ["experimenting": ["step": 0]]
        } else {
            cycle["planProblem"] = "years"
            cycle["stage"] = ["awaitingApproval": ["reason": "too few users"]]
        }
        state.cycle = try StrictJSON.decode(Cycle.self, from: .object(cycle))
        let revision = try await store.loopState(deployment: "support")?.revision ?? 0
        var commit = LoopCommit(
            deployment: "support",
            state: .init(
                expectedRevision: revision,
                value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(state))))
        commit.adapters = [
            AdapterRecord(
                deployment: "support", name: Self.candidate, version: 1, status: .candidate, cycle: Self.cycle,
                created: now, folder: Self.candidate, digest: digest, baseDigest: "sha256:base")
        ]
        try await store.commit(commit)
        for unit in 0..<units { try await log(unit) }
        try await reopen()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func context(
        _ store: DurableStore, _ folder: String, _ server: ServerUnderTest,
        _ hasServer: Bool, _ mode: DeploymentSettings.Mode, _ kills: Locked<Bool>
    ) -> LoopContext {
        var context = Simulation.context(
            SimulatedWorld(scenario: .steady, seed: 1), store, folder, SimulatedServer(), Locked([]), "", Locked([]),
            change: { deployment in
                deployment.mode = mode
                deployment.experiment.burnInUnits = 20
                deployment.experiment.holdBack = 0.05
                deployment.adapterExport = ""
                if !hasServer { deployment.model = "" }
            },
            atCommit: { moment in
                if moment == .after, kills.withLock({ $0 }) { throw StoreError.failed(reason: killed) }
            })
        context.backend = server
        return context
    }

    private static let killed = "killed by the test"

    /// A unit's query; right is its own label.
    private func log(_ unit: Int) async throws {
        _ = try await store.append([
            .interaction(
                LoggedInteraction(
                    interaction: Interaction(
                        id: "i-\(unit)", deployment: "support", time: now, unit: "unit-\(unit)",
                        messages: [Message(role: "user", content: .text("query \(unit)"))],
                        response: "Label \(unit)", adapter: "support"),
                    keyID: "k1", bodyHash: Array(repeating: 1, count: 32), record: "sha256:i-\(unit)", received: now,
                    redactedResponse: [], redactions: [:], fromGateway: true))
        ])
    }

    /// A new process: only the store, the folders and the server are left.
    func reopen() async throws {
        try await store.close()
        store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        loop = try await DeploymentLoop.open(
            Self.context(store, folder, server, hasServer, mode, kills), at: now)
    }

    func step(seconds: Double = 1) async throws {
        now = now.advanced(bySeconds: seconds)
        do {
            try await loop.step(at: now)
            if !server.isHanging.withLock({ $0 }) { await loop.waitForAnswer() }
            if server.hangsAt.withLock({ $0 == nil }) {
                await loop.waitForServer()
                await loop.waitForDifficulty()
            }
        } catch StoreError.failed(let reason) where reason == Self.killed {
            try await reopen()
        }
    }

    /// Steps until the loop is in another state, at most so often; whoever judges does so as soon as there is a pair.
    func run(steps: Int = 2000) async throws {
        for _ in 0..<steps where loop.view.stateName == "shadowing" {
            try await step()
            try await judge()
        }
    }

    /// A judge who knows the labels.
    private func judge() async throws {
        let pairs = try await store.judgeableShadowPairs(cycle: Self.cycle, unjudgedBy: "anna", limit: 10)
        let judgements = pairs.map { pair in
            func score(_ answer: String?) -> Double { answer?.contains("LABEL") == true ? 1 : 0 }
            return ShadowJudgement(
                pair: pair.sequence, judge: "anna",
                value: (1 + score(pair.candidateAnswer) - score(pair.incumbentAnswer)) / 2, time: now)
        }
        if !judgements.isEmpty { _ = try await store.judge(judgements, cycle: Self.cycle) }
    }

    func command(
        _ verb: OperatorCommand.Verb, adapter: String? = nil, terms: ComparisonTerms? = nil
    ) async throws {
        let isDone = Locked(false)
        let waiting = Task { [loop] in
            defer { isDone.withLock { $0 = true } }
            _ = try await loop.submit(
                .init(verb: verb, actor: "anna", reason: "test", adapter: adapter, terms: terms), action: nil)
        }
        while !isDone.withLock({ $0 }) {
            await Task.yield()
            try await step(seconds: 0)
        }
        try await waiting.value
    }
}

/// A server in memory whose models are right with a chance each, the same query always alike.
final class ServerUnderTest: ServingBackend {
    /// By served name; the base's is `base`.
    let right = Locked<[String: Double]>([:])
    let isDown = Locked(false)
    /// Whether it leaves who asks waiting.
    let isHanging = Locked(false)
    /// Queries that it fails at.
    let isHard = Locked<Set<String>>([])
    /// What was asked, by model and query.
    let asked = Locked<[String]>([])
    /// Whether it tells its models to nobody.
    let isGone = Locked(false)
    /// What it leaves unanswered until that is taken back: `models`, `load`, `unload` or `answer`.
    let hangsAt = Locked<String?>(nil)
    /// What it was asked to do, but for its models and for queries.
    let calls = Locked<[String]>([])
    let listings = Locked(0)
    let loaded = Locked<Set<String>>([])

    func models() async throws -> ModelList {
        listings.withLock { $0 += 1 }
        try await hang("models")
        if isGone.withLock({ $0 }) { throw ServingFault(isRetryable: true, "it is gone") }
        return ModelList(data: (["support"] + loaded.withLock { $0.sorted() }).map { ModelList.Model(id: $0) })
    }

    func load(_ name: String, folder: String) async throws {
        try await carryOut("load", name) { _ = $0.insert(name) }
    }

    func unload(_ name: String) async throws {
        try await carryOut("unload", name) { _ = $0.remove(name) }
    }

    /// Log-probabilities that a query is answered with, as the probe of the tests has them where it is not named, and the queries
    /// that are answered with a fault.
    let surprises = Locked<[String: Double]>([:])
    let faults = Locked<[String: ServingFault]>([:])

    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? {
        calls.withLock { $0.append("answer \(model)") }
        let text = messages.map(\.content).joined(separator: " | ")
        asked.withLock { $0.append("\(model) \(text)") }
        try await hang("answer")
        if let fault = faults.withLock({ $0[text] }) { throw fault }
        return [surprises.withLock { $0[text] } ?? -0.1]
    }

    /// Whoever asks may have left meanwhile: it is done all the same.
    private func carryOut(_ call: String, _ name: String, _ change: (inout Set<String>) -> Void) async throws {
        calls.withLock { $0.append("\(call) \(name)") }
        defer { loaded.withLock { change(&$0) } }
        try await hang(call)
    }

    private func hang(_ call: String) async throws {
        while hangsAt.withLock({ $0 == call }) { try await Task.sleep(for: .milliseconds(5)) }
    }

    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String {
        let text = messages.last?.content ?? ""
        asked.withLock { $0.append("\(model) \(text)") }
        while isHanging.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        if isDown.withLock({ $0 }) { throw ServingFault(isRetryable: true, "it is down") }
        if isHard.withLock({ $0.contains(text) }) { throw ServingFault(isRetryable: true, "it fell over") }
        if text == "query 7" { throw ServingFault(isRetryable: false, "too long") }
        guard model == "support" || loaded.withLock({ $0.contains(model) }) else {
            throw ServingFault(isRetryable: true, "no model \(model)")
        }
        let share = right.withLock { $0[model] ?? $0["base"] ?? 0 }
        let isRight = SimulatedWorld.uniform("\(model) \(text)") < share
        return isRight ? " LABEL \(text.split(separator: " ")[1])" : "nothing; write to me@example.com"
    }
}
