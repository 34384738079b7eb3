import Foundation
import OutboundHTTP
import Values

/// The real `retuned` on a configuration of the test's own, reached over its Unix socket, as operators and applications
/// reach it.
final class RunningDaemon: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let deployment = "support"
    static let executable =
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/retuned"

    /// Everything of this daemon lies here and is removed at its end; the state may lie elsewhere.
    let folder: String
    let client = HTTPClient()
    private(set) var process = Process()

    var socket: String { folder + "/s" }
    var configuration: String { folder + "/retuned.yaml" }
    var isRunning: Bool { process.isRunning }
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }
    var engineLines: [String] { log.split(separator: "\n").filter { $0.contains("engine") }.map(String.init) }

    /// - Parameters:
    ///   - yaml: what is configured beside socket and state folder.
    ///   - state: the state folder; by default inside `folder`.
    init(_ yaml: String, state: String? = nil) throws {
        folder = "/tmp/retuned-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: folder + "/log", contents: nil)
        try configure(yaml, state: state)
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        client.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes the configuration; it counts from the next start or reload.
    func configure(_ yaml: String, state: String? = nil) throws {
        let head = """
            stateDirectory: \(state ?? folder + "/state")
            socket: \(socket)
            listen: []
            ballastBytes: 3145728

            """
        try (head + yaml).write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    // MARK: Life

    /// Starts it, and waits until it answers.
    func start() async throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = ["--config", configuration]
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RETUNED_") }
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let log = FileHandle(forWritingAtPath: folder + "/log")
        _ = try log?.seekToEnd()
        process.standardError = log
        process.standardOutput = log
        try process.run()
        try await wait("an answer") {
            guard process.isRunning else { throw Failure(description: "the daemon ended: \(self.log.suffix(2000))") }
            return (try? await send("GET", "/healthz"))?.status == 200
        }
    }

    /// SIGTERM, and the status that it ends with.
    @discardableResult
    func stop() async throws -> Int32 {
        process.terminate()
        try await wait("its end") { !process.isRunning }
        return process.terminationStatus
    }

    /// A figure of `/proc/PID/status`, in kibibytes.
    func status(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// The child process whose arguments begin with a word: `serve` or `job`.
    func child(_ word: String) -> Int32? {
        let parent = "PPid:\t\(process.processIdentifier)\n"
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let identifier = Int32(entry),
                let status = try? String(contentsOfFile: "/proc/\(entry)/status", encoding: .utf8),
                status.contains(parent), let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline"),
                line.split(separator: 0).dropFirst().first.map({ String(decoding: $0, as: UTF8.self) }) == word
            else { continue }
            return identifier
        }
        return nil
    }

    /// Waits for something that other processes do. The end of the patience is there for what hangs.
    func wait(_ what: String, for patience: Duration = .seconds(180), _ isTrue: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + patience
        while try await !isTrue() {
            guard ContinuousClock.now < end else {
                throw Failure(description: "no \(what) in \(patience); its log ends with: \(log.suffix(3000))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: Asking

    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        /// The last part of a problem's type.
        var problem: String { json["type"]?.stringValue?.split(separator: ":").last.map(String.init) ?? "" }
    }

    func send(
        _ method: String, _ path: String, _ body: [UInt8] = [], token: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = HeaderFields(headers.map { .init(name: $0.key, value: $0.value) })
        if !body.isEmpty, fields["content-type"] == nil { fields["content-type"] = "application/json" }
        if let token { fields["authorization"] = "Bearer \(token)" }
        let answer = try await client.fetch(
            OutboundRequest(
                method: method, url: "http://retuned\(path)", unixSocketPath: socket, headers: fields, body: body,
                deadlines: .init(total: .seconds(120))), upTo: 16 << 20)
        return Answer(status: answer.status, headers: answer.headers, body: answer.body)
    }

    func post(_ path: String, _ body: JSONValue, token: String? = nil) async throws -> Answer {
        try await send("POST", path, body.serialized, token: token)
    }

    func act(_ action: String) async throws -> Answer {
        try await post(
            "/v1/deployments/\(Self.deployment)/actions",
            ["id": .string("a-\(UUID().uuidString)"), "action": .string(action), "reason": "a test"])
    }

    /// A chat completion through the gateway.
    func ask(_ text: String = "cancel the pizza", unit: String = "user-1") async throws -> Answer {
        try await post(
            "/v1/chat/completions",
            [
                "model": .string(Self.deployment), "temperature": 0, "max_tokens": 8, "user": .string(unit),
                "messages": [["role": "system", "content": "Name it."], ["role": "user", "content": .string(text)]],
            ])
    }

    func view() async throws -> JSONValue {
        try await send("GET", "/v1/deployments/\(Self.deployment)").json
    }

    /// One of the health checks of the deployment's view.
    func health(_ check: String) async throws -> (isOK: Bool, detail: String) {
        let found = try await view()["health"]?.arrayValue?.first { $0["check"]?.stringValue == check }
        return (found?["ok"]?.boolValue ?? false, found?["detail"]?.stringValue ?? "")
    }

    /// Ids of all interactions in the log, in its order.
    func loggedIDs() async throws -> [String] {
        var ids: [String] = []
        var after = "0"
        while true {
            let page = try await send("GET", "/v1/deployments/\(Self.deployment)/interactions?after=\(after)&limit=500")
            ids += page.body.split(separator: 0x0A).compactMap { try? JSONValue(parsing: Array($0))["id"]?.stringValue }
            guard let next = page.headers["retuned-next"] else { return ids }
            after = next
        }
    }

    /// Of now: what is older than the retention is deleted while a test runs.
    static func interaction(_ id: String, text: String = "where is my card", response: String = "card") -> JSONValue {
        [
            "id": .string(id), "deployment": .string(deployment), "time": .string(Date.now.ISO8601Format()),
            "unit": "user-1",
            "messages": [["role": "user", "content": .string(text)]], "response": .string(response),
        ]
    }

    func log(_ id: String, text: String = "where is my card") async throws -> Answer {
        try await post("/v1/interactions", Self.interaction(id, text: text))
    }
}
