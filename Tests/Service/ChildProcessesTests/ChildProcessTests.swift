import ChildProcesses
import Glibc
import Locking
import Testing

@Suite("ChildProcesses child")
struct ChildProcessTests {
    private func shell(_ script: String, environment: ChildCommand.Environment = .inherited()) -> ChildCommand {
        ChildCommand(executable: "/bin/sh", arguments: ["-c", script], environment: environment)
    }

    @Test("Exit codes and signals")
    func exits() async throws {
        #expect(try await ChildProcess.run(shell("exit 0"), grace: .seconds(5)) == .exited(code: 0))
        #expect(try await ChildProcess.run(shell("exit 7"), grace: .seconds(5)) == .exited(code: 7))
        #expect(try await ChildProcess.run(shell("kill -ABRT $$"), grace: .seconds(5)) == .signalled(SIGABRT))
        #expect(try await ChildProcess.run(shell("kill -9 $$"), grace: .seconds(5)) == .signalled(SIGKILL))
    }

    @Test("What cannot be started says so")
    func cannotStart() async {
        for command in [
            ChildCommand(executable: "/nonexistent/program"), ChildCommand(executable: "/etc/passwd"),
            ChildCommand(executable: "/bin/sh", workingDirectory: "/nonexistent"),
        ] {
            await #expect(throws: ChildProcessError.self) { try await ChildProcess.start(command) }
        }
    }

    @Test("Every line of a child that writes much and leaves at once, of both streams and without a last break")
    func lines() async throws {
        let lines = Locked<[ChildLine]>([])
        let script = """
            i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done
            echo wrong >&2; printf 'last\\rone'; head -c 20000 /dev/zero | tr '\\0' x >&2
            """
        let exit = try await ChildProcess.run(shell(script), grace: .seconds(5)) { line in
            lines.withLock { $0.append(line) }
        }
        #expect(exit == .exited(code: 0))
        let output = lines.withLock { $0.filter { $0.stream == .standardOutput }.map(\.text) }
        let errors = lines.withLock { $0.filter { $0.stream == .standardError }.map(\.text) }
        #expect(output == (0..<5000).map { "line \($0)" } + ["last\rone"])
        #expect(errors.first == "wrong")
        #expect(errors.dropFirst().map(\.count) == [16384, 20000 - 16384])
    }

    @Test("Environment, working directory, own group, nothing above the standard descriptors")
    func surroundings() async throws {
        let lines = Locked<[String]>([])
        // Without close-on-exec, and far above what the shell opens for itself.
        let low = unsafe open("/dev/null", O_RDONLY)
        let descriptor = fcntl(low, F_DUPFD, 100)
        defer {
            close(low)
            close(descriptor)
        }
        #expect(descriptor >= 100)
        let script = """
            echo $ONLY; echo ${HOME-none}; pwd; if [ -e /proc/$$/fd/\(descriptor) ]; then echo open; else echo shut; fi; cat
            cut -d ' ' -f 5 /proc/$$/stat; echo $$
            """
        var command = shell(script, environment: .only(["ONLY": "this", "PATH": "/usr/bin:/bin"]))
        command.workingDirectory = "/"
        #expect(
            try await ChildProcess.run(command, grace: .seconds(5)) { line in lines.withLock { $0.append(line.text) } }
                .isSuccess)
        let seen = lines.withLock { $0 }
        #expect(Array(seen.prefix(4)) == ["this", "none", "/", "shut"])
        #expect(seen.count == 6 && seen[4] == seen[5])
    }

    @Test("Terminating reaches the whole group; what ignores SIGTERM is killed after the grace")
    func groups() async throws {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        var iterator = lines.makeAsyncIterator()
        let polite = try await ChildProcess.start(shell("sleep 1000 & echo $!; wait")) { line.yield($0.text) }
        let grandchild = try #require(Int32(await iterator.next() ?? ""))
        #expect(kill(grandchild, 0) == 0)
        #expect(await polite.terminate(grace: .seconds(30)) == .signalled(SIGTERM))
        #expect(polite.exit == .signalled(SIGTERM))

        let stubborn = try await ChildProcess.start(shell("trap '' TERM; echo up; while :; do sleep 1000; done")) {
            line.yield($0.text)
        }
        #expect(await iterator.next() == "up")
        #expect(await stubborn.terminate(grace: .milliseconds(100)) == .signalled(SIGKILL))
        // The grandchild has the reaper's time: init's or ours; a zombie cannot hold a line, so ask for its state.
        #expect(!isRunning(grandchild))
    }

    private func isRunning(_ process: Int32) -> Bool {
        guard kill(process, 0) == 0, let file = unsafe fopen("/proc/\(process)/stat", "r") else { return false }
        defer { unsafe fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        _ = unsafe fgets(&buffer, 256, file)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return !text.contains(") Z ")
    }

    @Test("Cancelling the task that runs a child ends the child")
    func cancellation() async throws {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let command = shell("echo up; exec sleep 1000")
        let task = Task {
            try await ChildProcess.run(command, grace: .seconds(30)) { line.yield($0.text) }
        }
        var iterator = lines.makeAsyncIterator()
        #expect(await iterator.next() == "up")
        task.cancel()
        #expect(try await task.value == .signalled(SIGTERM))
    }

    @Test("A nice value reaches the child")
    func niceness() async throws {
        let lines = Locked<[String]>([])
        // It is given after the start: the child waits for it, in its own time.
        var command = shell("while n=$(cut -d' ' -f19 /proc/$$/stat); [ $n = 0 ]; do :; done; echo $n")
        command.niceValue = 12
        _ = try await ChildProcess.run(command, grace: .seconds(5)) { line in lines.withLock { $0.append(line.text) } }
        #expect(lines.withLock { $0 } == ["12"])
    }
}
