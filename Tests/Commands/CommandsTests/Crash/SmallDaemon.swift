import Foundation
import Glibc
import OutboundHTTP
import Testing
import Values

/// The real daemon with one deployment that has an adapter and nothing to serve it; it can be started again on its state.
final class SmallDaemon: @unchecked Sendable {
    let folder = "/tmp/retuned-small-\(UUID().uuidString.prefix(8))"
    /// Started here and used from one test.
    private var process: Process?
    private let client = HTTPClient()

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: EngineServeAdapter.make(seed: 1, inputs: 16, outputs: 16), toPath: folder + "/adapter")
        try Data("listen: []\ndeployments:\n  - name: support\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/retuned.yaml"))
        let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString() + "\n"
        try Data(secret.utf8).write(to: URL(fileURLWithPath: folder + "/secret"))
    }

    func remove() {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        client.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    var arguments: [String] { ["--config", folder + "/retuned.yaml"] }

    /// - Parameter webhook: where news goes; nil: nowhere.
    func environment(webhook: String? = nil) -> [String: String] {
        var environment = [
            "RETUNED_STATE_DIRECTORY": folder + "/state", "RETUNED_SOCKET": folder + "/socket",
            "RETUNED_ADAPTER": folder + "/adapter",
        ]
        if let webhook {
            environment["RETUNED_WEBHOOK_URL"] = webhook
            environment["RETUNED_WEBHOOK_SECRET_FILE"] = folder + "/secret"
        }
        return environment
    }

    /// Starts it and waits until it takes records; returns its process.
    func start(webhook: String) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(TracedProcess.binaries)/retuned")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment(webhook: webhook)) { $1 }
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        try await ready { process.isRunning }
        return process.processIdentifier
    }

    /// Waits until it takes records.
    func ready(isRunning: () -> Bool) async throws {
        while (try? await call("GET", "/readyz").status) != 200 {
            try #require(isRunning())
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until it has ended.
    func ended() { process?.waitUntilExit() }

    func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (status: Int, body: JSONValue)
    {
        let answer = try await client.fetch(
            OutboundRequest(
                method: method, url: "http://retuned" + path, unixSocketPath: folder + "/socket",
                headers: ["content-type": "application/json"], body: body?.serialized ?? []))
        return (answer.status, (try? JSONValue(parsing: answer.body)) ?? .null)
    }
}
