internal import CLinux
import Glibc
import Locking
internal import Subprocess
internal import SystemPackage

/// A running child in a process group of its own.
///
/// The child gets no descriptor of ours but its three standard ones, its input is empty, and its output is handed on line
/// by line. It is reaped whether anybody waits for it or not. It does *not* die with its parent by itself: a program of
/// ours is told to (`--parent`, with `ownIdentifier`), since nothing can be done between fork and exec.
package final class ChildProcess: Sendable {
    private struct State {
        var exit: ChildExit?
        var waiters: [Int: CheckedContinuation<ChildExit?, Never>] = [:]
        var nextWaiter = 0
    }

    /// Also the number of its process group.
    package let processIdentifier: Int32
    private let state = Locked(State())

    private init(processIdentifier: Int32) {
        self.processIdentifier = processIdentifier
    }

    /// This process, for a child that is to end with it.
    package static var ownIdentifier: Int32 { getpid() }

    /// Starts `command`. `line` is called for every line the child writes, in order within a stream.
    package static func start(
        _ command: ChildCommand, line: @escaping @Sendable (ChildLine) -> Void = { _ in }
    ) async throws(ChildProcessError) -> ChildProcess {
        try await withCheckedContinuation { continuation in
            // Not the caller's child task: the process is watched and reaped until its end, whatever the caller does.
            Task.detached {
                await carryOut(command, line: line) { continuation.resume(returning: $0) }
            }
        }.get()
    }

    /// Starts `command` and waits for its end. When the calling task is cancelled the child is terminated, with `grace`
    /// between SIGTERM and SIGKILL; the exit is returned then, too.
    package static func run(
        _ command: ChildCommand, grace: Duration, line: @escaping @Sendable (ChildLine) -> Void = { _ in }
    ) async throws(ChildProcessError) -> ChildExit {
        let child = try await start(command, line: line)
        if let exit = await child.wait() { return exit }
        return await child.terminate(grace: grace)
    }

    /// How it ended, or nil while it runs.
    package var exit: ChildExit? { state.withLock { $0.exit } }

    /// Waits for the end; nil when the calling task is cancelled first.
    package func wait() async -> ChildExit? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Bool in
                    if state.exit != nil || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if ready { continuation.resume(returning: exit) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: nil)
        }
    }

    /// Sends SIGTERM to the group, SIGKILL to what is left of it after `grace`, and waits for the end of the child.
    /// The calling task's cancellation does not cut it short.
    @discardableResult
    package func terminate(grace: Duration) async -> ChildExit {
        send(SIGTERM)
        let killer = Task.detached { [self] in
            if (try? await Task.sleep(for: grace)) != nil { kill() }
        }
        let exit = await Task.detached { [self] in await wait() }.value
        killer.cancel()
        // The child has ended; others of its group may ignore SIGTERM.
        unsafeKillGroup(SIGKILL)
        return exit ?? .signalled(SIGKILL)
    }

    /// Kills the whole group at once.
    package func kill() { send(SIGKILL) }

    /// Sends `signal` to the group, unless the child has ended.
    package func send(_ signal: Int32) {
        // Under the lock: an identifier may belong to somebody else once the child is reaped, which is before `finish`.
        state.withLock { state in
            if state.exit == nil { unsafeKillGroup(signal) }
        }
    }

    private func unsafeKillGroup(_ signal: Int32) {
        _ = Glibc.kill(-processIdentifier, signal)
    }

    private func finish(_ exit: ChildExit) {
        let waiters = state.withLock { state in
            state.exit = exit
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}

extension ChildProcess {
    /// The life of one process: reports the start through `started`, once, and the end through `finish`.
    private static func carryOut(
        _ command: ChildCommand, line: @escaping @Sendable (ChildLine) -> Void,
        started: @escaping @Sendable (Result<ChildProcess, ChildProcessError>) -> Void
    ) async {
        let environment: Subprocess.Environment
        switch command.environment {
        case .inherited(let adding):
            environment = .inherit.updating(
                Dictionary(uniqueKeysWithValues: adding.map { (.init(stringLiteral: $0.key), $0.value) }))
        case .only(let all):
            environment = .custom(
                Dictionary(uniqueKeysWithValues: all.map { (.init(stringLiteral: $0.key), $0.value) }))
        }
        var options = PlatformOptions()
        options.processGroupID = 0
        let running = Locked<ChildProcess?>(nil)
        do {
            let result = try await Subprocess.run(
                .path(FilePath(command.executable)), arguments: Arguments(command.arguments), environment: environment,
                workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options,
                input: .none, output: .sequence, error: .sequence
            ) { execution in
                let child = ChildProcess(processIdentifier: execution.processIdentifier.value)
                running.withLock { $0 = child }
                if let nice = command.niceValue { _ = linux_set_group_nice_value(child.processIdentifier, nice) }
                started(.success(child))
                let output = execution.standardOutput
                let error = execution.standardError
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await forward(output, as: .standardOutput, to: line) }
                    group.addTask { await forward(error, as: .standardError, to: line) }
                }
            }
            guard let child = running.withLock({ $0 }) else { return }
            switch result.terminationStatus {
            case .exited(let code): child.finish(.exited(code: code))
            case .signaled(let number): child.finish(.signalled(number))
            }
        } catch {
            if let child = running.withLock({ $0 }) {
                // Watching it failed: nothing may run on unwatched.
                child.kill()
                child.finish(.signalled(SIGKILL))
            } else {
                started(.failure(.cannotStart(executable: command.executable, reason: "\(error)")))
            }
        }
    }

    private static func forward(
        _ sequence: SubprocessOutputSequence, as stream: ChildLine.Stream,
        to line: @Sendable (ChildLine) -> Void
    ) async {
        var splitter = LineSplitter()
        do {
            for try await buffer in sequence {
                let bytes = unsafe buffer.withUnsafeBytes { unsafe [UInt8]($0) }
                splitter.append(bytes) { line(ChildLine(stream: stream, text: $0)) }
            }
        } catch {
            // The child has ended and somebody else keeps its pipe open: what has come is all there is.
        }
        splitter.finish { line(ChildLine(stream: stream, text: $0)) }
    }
}
