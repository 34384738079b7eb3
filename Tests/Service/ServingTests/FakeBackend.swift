import Contracts
import Foundation
import Serving

/// A server in memory that keeps what it was asked.
actor FakeBackend: ServingBackend {
    var base = "support"
    var loaded: [String: String] = [:]
    var calls: [String] = []
    var answers: [Double]? = nil
    var refuses: Set<String> = []
    var probeFault: ServingFault?

    func set(base: String) { self.base = base }
    func set(answers: [Double]?) { self.answers = answers }
    func set(refuses: Set<String>) { self.refuses = refuses }
    func set(probeFault: ServingFault?) { self.probeFault = probeFault }
    func put(_ name: String) { loaded[name] = "" }
    func restart() { loaded = [:] }

    func models() async throws -> ModelList {
        ModelList(data: ([base] + loaded.keys.sorted()).map { ModelList.Model(id: $0) })
    }

    func load(_ name: String, folder: String) async throws {
        if refuses.contains(name) { throw ServingFault(isRetryable: false, "\(name): rank too large") }
        calls.append("load \(name)")
        loaded[name] = folder
    }

    func unload(_ name: String) async throws {
        calls.append("unload \(name)")
        loaded[name] = nil
    }

    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String { model }

    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? {
        if let probeFault { throw probeFault }
        return answers
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/retuned-serving-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func adapter(_ name: String, weights: String = "weights", probe: String? = nil) throws {
        try write("\(name)/adapter_config.json", "{\"r\": 8}")
        try write("\(name)/adapter_model.safetensors", weights)
        if let probe { try write("\(name)/probe.json", probe) }
    }
}
