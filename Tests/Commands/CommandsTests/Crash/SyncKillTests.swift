import Foundation
import Locking
import LoopbackServer
import Testing
import Values

/// SIGKILL at the very sync of a change: the change is kept, and so must be the news of it.
@Suite(
    "SyncKill: a change and its news are kept together",
    .enabled(if: TracedProcess.isAvailable, "strace is not there, or may not trace here"))
struct SyncKillTests {
    @Test func `killed at the sync of a rollback, the daemon still tells of it, once`() async throws {
        let told = Locked<Set<String>>([])
        let receiver = try LoopbackServer { request in
            if String(decoding: request.body, as: UTF8.self).contains(#""adapter.rolled_back""#) {
                told.withLock { _ = $0.insert(request.header("webhook-id") ?? "") }
            }
            return (200, "")
        }
        defer { receiver.close() }
        let daemon = try SmallDaemon()
        defer { daemon.remove() }
        let action: JSONValue = ["id": "a-1", "action": "rollback", "adapter": "base", "reason": "a test"]
        let path = "/v1/deployments/support"

        var process = try await daemon.start(webhook: receiver.url)
        var isChanged = false
        // Another sync may come first, the daily work's on a slow machine: then the change was lost with its answer.
        for _ in 0..<3 where !isChanged {
            #expect(try await daemon.call("GET", path).body["serving"]?["adapter"] == "support-v1")
            guard let killer = try await SyncKiller(of: process) else {
                try Test.cancel("a process that runs already may not be traced here")
            }
            // Killed before the answer.
            #expect((try? await daemon.call("POST", path + "/actions", action).status) == nil)
            daemon.ended()
            killer.wait()
            process = try await daemon.start(webhook: receiver.url)
            isChanged = try await daemon.call("GET", path).body["serving"]?["adapter"] == nil
        }
        #expect(isChanged, "every kill came before the change")
        #expect(try await daemon.call("POST", path + "/actions", action).status == 202)
        for _ in 0..<400 where told.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(50)) }
        #expect(told.withLock { $0.count } == 1, "the rollback is kept, and nobody was told")
    }
}

/// `strace` that kills a running process when it syncs a file's data.
struct SyncKiller {
    private let process = Process()

    /// Nil where it may not attach.
    init?(of victim: Int32) async throws {
        process.executableURL = URL(fileURLWithPath: TracedProcess.strace ?? "")
        process.arguments = [
            "-f", "-p", "\(victim)", "-e", "trace=fdatasync", "-e", "inject=fdatasync:signal=KILL:when=1", "-o",
            "/dev/null",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        while !Self.isTraced(victim) {
            guard process.isRunning else { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func wait() { process.waitUntilExit() }

    /// Whether every thread of a process is traced.
    private static func isTraced(_ process: Int32) -> Bool {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return !tasks.isEmpty
            && tasks.allSatisfy { task in
                let status =
                    (try? String(contentsOfFile: "/proc/\(process)/task/\(task)/status", encoding: .utf8)) ?? ""
                return !status.contains("TracerPid:\t0\n")
            }
    }
}
