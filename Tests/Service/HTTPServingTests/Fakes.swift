import Contracts
import Serving
import Tuning

/// A server as the loop sees it: the base and one candidate are there.
struct FakeServer: ServingBackend {
    func models() async throws -> ModelList {
        ModelList(data: [.init(id: "support-en"), .init(id: "support-en-v2", parent: "support-en")])
    }
    func load(_ name: String, folder: String) async throws {}
    func unload(_ name: String) async throws {}
    func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String { model }
    func logProbabilities(of messages: [ChatTurn], model: String, mostTokens: Int) async throws -> [Double]? { nil }
}

/// No job is ever run here.
struct IdleRunner: JobRunner {
    func start(_ job: String, folder: String) async {}
    func status(of job: String, folder: String) async -> JobStatus { .waiting }
    func cancel(_ job: String, folder: String) async {}
}
