import Foundation

/// A program of ours under `strace`.
final class TracedProcess: @unchecked Sendable {
    static let strace = ["/usr/bin/strace", "/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }
    /// Whether a process may be traced here: the tool is there, and the kernel lets it.
    static let isAvailable: Bool = {
        guard let strace else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: strace)
        process.arguments = ["-o", "/dev/null", "/bin/true"]
        process.standardError = FileHandle.nullDevice
        return (try? process.run()) != nil
            && {
                process.waitUntilExit()
                return process.terminationStatus == 0
            }()
    }()
    static let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    private static let calls =
        "read,recvfrom,recvmsg,write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat"

    /// Started here and used from one test.
    private let process = Process()
    private let path: String

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], trace path: String) throws {
        self.path = path
        process.executableURL = URL(fileURLWithPath: Self.strace ?? "")
        process.arguments =
            ["-f", "--seccomp-bpf", "-y", "-s", "400", "-e", "trace=" + Self.calls, "-e", "signal=none", "-o", path]
            + ["\(Self.binaries)/\(program)"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// What was traced so far.
    var trace: SyscallTrace { SyscallTrace(text: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "") }

    /// SIGTERM to the program itself; returns the whole trace.
    func end() -> SyscallTrace {
        if let child = trace.process { kill(child, SIGTERM) }
        return wait()
    }

    func wait() -> SyscallTrace {
        process.waitUntilExit()
        return trace
    }
}
