import Foundation
import OutboundHTTP
import Values

/// A real `retuned-engine serve` over loopback.
final class EngineServeFixture: @unchecked Sendable {
    static let model = (ProcessInfo.processInfo.environment["RETUNED_MODELS"] ?? "../shared/models") + "/support-base"
    static var isAvailable: Bool { FileManager.default.fileExists(atPath: model + "/tokenizer.json") }
    static let executable =
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/retuned-engine"

    /// `Process` and `FileHandle` are not Sendable; they are made here and used from one test at a time.
    let process = Process()
    let output: FileHandle
    let url: String
    let client = HTTPClient()

    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ options: [String] = []) throws {
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = ["serve", "--model", Self.model, "--listen", "127.0.0.1:0", "--threads", "1"] + options
        process.standardOutput = pipe
        try process.run()
        output = pipe.fileHandleForReading
        var line: [UInt8] = []
        // Blocks until the server is ready or has ended.
        while let byte = try output.read(upToCount: 1), byte != Data([0x0A]) { line += byte }
        let prefix = "listening on "
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix(prefix) else { throw StartFailure(description: "the server said: \(text)") }
        url = "http://" + text.dropFirst(prefix.count)
    }

    deinit {
        process.terminate()
        client.close()
    }

    func post(_ path: String, _ body: JSONValue) async throws -> (status: Int, text: String) {
        let answer = try await client.fetch(
            OutboundRequest(
                method: "POST", url: url + path, headers: ["Content-Type": "application/json"], body: body.serialized))
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    func get(_ path: String) async throws -> JSONValue {
        try JSONValue(parsing: try await client.fetch(OutboundRequest(url: url + path)).body)
    }

    static func request(_ text: String, model: String = "support-base", _ more: JSONValue = [:]) -> JSONValue {
        let body: JSONValue = [
            "model": .string(model), "temperature": 0, "max_tokens": 24,
            "messages": [
                ["role": "system", "content": "Name what the customer wants."],
                ["role": "user", "content": .string(text)],
            ],
        ]
        var object = body.objectValue ?? JSONObject()
        for member in more.objectValue?.members ?? [] { object[member.name] = member.value }
        return .object(object)
    }

    struct Answer: Equatable, Sendable {
        var text: String
        var logProbabilities: [Double]
    }

    func answer(_ text: String, model: String = "support-base") async throws -> Answer {
        let (status, body) = try await post(
            "/v1/chat/completions", Self.request(text, model: model, ["logprobs": true]))
        guard status == 200 else { throw StartFailure(description: "\(status) \(body)") }
        let choice = try JSONValue(parsing: body)["choices"]?.arrayValue?.first
        return Answer(
            text: choice?["message"]?["content"]?.stringValue ?? "",
            logProbabilities: (choice?["logprobs"]?["content"]?.arrayValue ?? []).compactMap {
                $0["logprob"]?.doubleValue
            })
    }

    /// The text of a streamed answer, and its chunks.
    func streamed(_ body: JSONValue) async throws -> (text: String, chunks: [JSONValue]) {
        let (_, text) = try await post("/v1/chat/completions", body)
        let events = text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { $0.dropFirst("data: ".count) }
        guard events.last == "[DONE]" else { throw StartFailure(description: "the stream ended in \(text.suffix(80))") }
        let chunks = try events.dropLast().map { try JSONValue(parsing: String($0)) }
        let parts = chunks.compactMap { $0["choices"]?.arrayValue?.first?["delta"]?["content"]?.stringValue }
        return (parts.joined(), chunks)
    }

    static let queries = [
        "what is the weather in tokyo", "i want to book a flight to boston", "my card has not arrived",
        "cancel my order please", "how do i say hello in french", "set an alarm for seven", "thanks a lot",
        "can i have a large pizza with extra cheese", "change my seat to the aisle", "what's my bank balance",
        "tell me a joke", "is there traffic on the way to work", "send my boarding pass", "i lost my luggage",
        "two burgers and a coke", "what time is it in london",
    ]
}
