import Foundation
import Testing

@Suite("SystemdUnit")
struct SystemdUnitTests {
    private static let analyze = "/usr/bin/systemd-analyze"
    private static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: analyze) }

    private struct Answer {
        var status: Int32
        var output: String
        var errors: String
    }

    private static func run(_ arguments: [String]) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: analyze)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaint, as: UTF8.self))
    }

    private static func unit() throws -> String {
        try String(contentsOfFile: "systemd/retuned.service", encoding: .utf8)
    }

    @Test("systemd-analyze verify finds nothing", .enabled(if: isInstalled, "systemd-analyze is not installed"))
    func verify() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "unit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The daemon is not installed where the tests run, and its absence is all that may be found.
        let text = try Self.unit().replacing("/usr/local/bin/retuned ", with: "/bin/true ")
            .replacing("/usr/local/bin/retunectl ", with: "/bin/true ")
        let path = folder.appending(path: "retuned.service").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let answer = try Self.run(["verify", "--man=no", path])
        #expect(answer.status == 0)
        #expect(answer.errors == "")
    }

    @Test(
        "systemd-analyze security scores the sandbox 1.1 or better",
        .enabled(if: isInstalled, "systemd-analyze is not installed"))
    func security() throws {
        // The threshold is in tenths: exit status 1 above 1.1.
        let answer = try Self.run([
            "security", "--offline=true", "--threshold=11", "--no-pager", "systemd/retuned.service",
        ])
        #expect(answer.status == 0, "\(answer.output.suffix(300)) \(answer.errors)")
        #expect(answer.errors == "")
    }

    @Test("the unit has what the daemon and its jobs rely on")
    func content() throws {
        let lines = Set(try Self.unit().split(separator: "\n").map(String.init))
        for line in [
            // Debian 12's systemd takes notify-reload for an unknown type, and the unit for a simple one.
            "Type=notify", "DynamicUser=yes", "StateDirectory=retuned", "StateDirectoryMode=0700",
            "RuntimeDirectory=retuned", "LoadCredential=pseudonym-keys:/etc/retuned/pseudonym-keys",
            "OOMPolicy=continue", "NotifyAccess=main",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.contains { $0.hasPrefix("WatchdogSec=") })
        #expect(lines.contains { $0.hasPrefix("ExecReload=") })
        // Close to MemoryMax it throttles the daemon where the job alone should die.
        #expect(!lines.contains { $0.hasPrefix("MemoryHigh=") })
        let calls = lines.first { $0.hasPrefix("SystemCallFilter=setpriority") } ?? ""
        for call in ["ioprio_set", "sched_setscheduler", "setrlimit"] { #expect(calls.contains(call), "\(call)") }
    }
}
