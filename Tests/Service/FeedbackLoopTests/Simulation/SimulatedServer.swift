import Contracts
import Foundation
import Locking
import Serving
import Values

/// A server in memory that answers with the skill in an adapter's files.
final class SimulatedServer: ServingBackend {
    static let baseName = "support"
    private let loaded = Locked<[String: SimulatedSkill]>([:])
    private let done = Locked(0)
    /// Whether it leaves who asks waiting.
    let isHanging = Locked(false)
    /// Of the process that asks: the request that it dies of, counted down, and whether it has died.
    private let death = Locked<(requests: Int?, hasCome: Bool)>((nil, false))

    func models() async throws -> ModelList {
        try await answer { models }
    }

    private var models: ModelList {
        let names = loaded.withLock { $0.keys.sorted() }
        return ModelList(data: ([Self.baseName] + names).map { ModelList.Model(id: $0) })
    }

    func load(_ name: String, folder: String) async throws {
        try await answer {
            done.withLock { $0 += 1 }
            try load(name, from: folder)
        }
    }

    /// Loads and unloads so far.
    var changes: Int { done.withLock { $0 } }

    private func load(_ name: String, from folder: String) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/adapter_model.safetensors")))
        let skill = try StrictJSON.decode(SimulatedSkill.self, parsing: bytes)
        try loaded.withLock { loaded in
            if let before = loaded[name], before != skill {
                throw ServingFault(isRetryable: false, "\(name) was loaded before with other bytes")
            }
            loaded[name] = skill
        }
    }

    func unload(_ name: String) async throws {
        try await answer {
            done.withLock { $0 += 1 }
            loaded.withLock { $0[name] = nil }
        }
    }

    /// Carries a request out, once it does not hang. Of the request that a process dies of, it hears no more.
    private func answer<Value>(_ request: () throws -> Value) async throws -> Value {
        while isHanging.withLock({ $0 }) { await Task.yield() }
        if death.withLock({ $0.hasCome }) { throw CancellationError() }
        let value = try request()
        let dies = death.withLock { death in
            if let left = death.requests { death = (left - 1, left == 1) }
            return death.hasCome
        }
        if dies { throw CancellationError() }
        return value
    }

    /// The process that asks dies of its next request but so many; nil: it lives.
    func die(ofRequest number: Int?) { death.withLock { $0 = (number, false) } }

    var hasSeenDeath: Bool { death.withLock { $0.hasCome } }

    /// Of every fifth query none.
    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? {
        while isHanging.withLock({ $0 }) { await Task.yield() }
        guard skill(of: model) != nil else { throw ServingFault(isRetryable: true, "no model \(model)") }
        let uniform = SimulatedWorld.uniform("difficulty \(messages.last?.content ?? "")")
        if uniform < 0.2 { throw ServingFault(isRetryable: false, "too long") }
        return [-uniform, -2 * uniform]
    }

    /// The same query is answered alike each time, by chance over queries.
    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String {
        guard let skill = skill(of: model) else { throw ServingFault(isRetryable: true, "no model \(model)") }
        let text = messages.last?.content ?? ""
        return skill.answer(text, uniform: SimulatedWorld.uniform("shadow \(text)"))
    }

    /// As after a kill: every adapter is gone.
    func restart() { loaded.withLock { $0 = [:] } }

    /// What answers under a name; nil: nothing does.
    func skill(of name: String) -> SimulatedSkill? {
        name == Self.baseName ? .base : loaded.withLock { $0[name] }
    }
}
