import Contracts
import Foundation
import Locking
import Serving
import Values

/// A server in memory that answers with the skill in an adapter's files.
final class SimulatedServer: ServingBackend {
    static let baseName = "support"
    private let loaded = Locked<[String: SimulatedSkill]>([:])

    func models() async throws -> ModelList {
        let names = loaded.withLock { $0.keys.sorted() }
        return ModelList(data: ([Self.baseName] + names).map { ModelList.Model(id: $0) })
    }

    func load(_ name: String, folder: String) async throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/adapter_model.safetensors")))
        let skill = try StrictJSON.decode(SimulatedSkill.self, parsing: bytes)
        try loaded.withLock { loaded in
            if let before = loaded[name], before != skill {
                throw ServingFault(isRetryable: false, "\(name) was loaded before with other bytes")
            }
            loaded[name] = skill
        }
    }

    func unload(_ name: String) async throws { loaded.withLock { $0[name] = nil } }

    /// Of every fifth query none.
    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? {
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
