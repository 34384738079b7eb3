import Foundation
import Glibc
import Locking
import Values

/// Starts the daemon, kills it, and starts it again, as a service manager with `Restart=on-failure` does.
final class DaemonKeeper: Sendable {
    private struct State {
        var child: ChildCommand?
        var starts = 0
        var readySeconds: [Double] = []
    }

    private let binaries: String
    private let config: String
    private let environment: [String: String]
    private let folder: String
    private let operators: ServiceClient
    private let tally: CrashTally
    private let state = Locked(State())

    init(
        binaries: String, config: String, environment: [String: String], folder: String, operators: ServiceClient,
        tally: CrashTally
    ) {
        self.binaries = binaries
        self.config = config
        self.environment = environment
        self.folder = folder
        self.operators = operators
        self.tally = tally
    }

    /// Seconds from each start to readiness.
    var readySeconds: [Double] { state.withLock { $0.readySeconds } }

    private var child: ChildCommand? { state.withLock { $0.child } }

    /// Starts it and waits until it takes records.
    func start() async throws {
        let number = state.withLock { state in
            state.starts += 1
            return state.starts
        }
        let began = WallClock.seconds
        let child = try ChildCommand(
            "the daemon", executable: "\(binaries)/retuned", arguments: ["--config", config],
            environment: environment, logPath: "\(folder)/daemon-\(number).log")
        state.withLock { $0.child = child }
        while true {
            if let answer = try? await operators.call("GET", "/readyz", seconds: 5), answer.status == 200 { break }
            if let status = child.exitStatus {
                throw DemoFailure("the daemon does not come back (status \(status)): \(child.logTail)")
            }
            guard WallClock.seconds < began + 60 else { throw DemoFailure("the daemon is not ready after a minute") }
            try await Task.sleep(for: .milliseconds(5))
        }
        state.withLock { $0.readySeconds.append(WallClock.seconds - began) }
    }

    /// Kills one process with SIGKILL; false where there was none to kill. A daemon is started again and ready then,
    /// and the engines that it had must be gone.
    func kill(_ target: CrashTarget) async throws -> Bool {
        guard let child else { return false }
        if let status = child.exitStatus {
            tally.note([CrashFault(.impossible, "the daemon ended by itself (status \(status)): \(child.logTail)")])
            try await start()
            return false
        }
        guard target == .daemon else {
            guard let process = process(target) else { return false }
            return Glibc.kill(process, SIGKILL) == 0
        }
        let engines = ProcessTable.children(of: child.processIdentifier).map(\.process)
        Glibc.kill(child.processIdentifier, SIGKILL)
        while child.exitStatus == nil { try await Task.sleep(for: .milliseconds(1)) }
        // At once, so that whatever is left of the old one meets the new one.
        try await start()
        await expectGone(engines)
        return true
    }

    /// The daemon's engine that serves, or that carries out a job.
    func process(_ target: CrashTarget) -> Int32? {
        guard let parent = child?.processIdentifier else { return nil }
        if target == .daemon { return parent }
        let word = target == .job ? "job" : "serve"
        return ProcessTable.children(of: parent).first { $0.arguments.dropFirst().first == word }?.process
    }

    private func expectGone(_ engines: [Int32]) async {
        let deadline = WallClock.seconds + 60
        while engines.contains(where: ProcessTable.isRunning), WallClock.seconds < deadline {
            try? await Task.sleep(for: .milliseconds(2))
        }
        for engine in engines where ProcessTable.isRunning(engine) {
            tally.note([CrashFault(.impossible, "the engine \(engine) outlives its daemon")])
        }
    }

    func stop() async { await child?.stop() }

    /// Whether it runs, and the end of its log.
    var lastWords: String {
        guard let child else { return "the daemon was never started" }
        let state = child.exitStatus.map { "the daemon ended by itself (status \($0))" } ?? "the daemon runs"
        return "\(state); its log ends so:\n\(child.logTail)"
    }
}
