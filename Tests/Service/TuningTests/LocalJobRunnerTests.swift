import Contracts
import Foundation
import Logging
import Testing
import Tuning
import Values

/// The local runner with a shell script as the engine: real processes, real kills.
@Suite("LocalJobRunner")
struct LocalJobRunnerTests {
    /// A runner whose engine is a shell script (`$1` is `job`, `$2` the folder), and the ends it tells of.
    static func runner(_ folder: TemporaryFolder, script: String) throws -> (LocalJobRunner, AsyncStream<Void>) {
        try folder.write("engine.sh", "#!/bin/sh\nset -u\ncd \"$2\"\n" + script)
        let path = folder.path + "/engine.sh"
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try FileManager.default.createDirectory(atPath: folder.path + "/j-1", withIntermediateDirectories: true)
        let (ends, source) = AsyncStream.makeStream(of: Void.self)
        let logger = Logger(label: "runner") { _ in SwiftLogNoOpLogHandler() }
        return (LocalJobRunner(engine: path, logger: logger) { source.yield() }, ends)
    }

    static let succeed = """
        mkdir -p tmp && echo '{"v": 1, "status": "done", "cpuSeconds": 1, "peakMemoryBytes": 2, "metrics": {}}' > tmp/result.json
        mv tmp result
        """

    @Test("A job runs to its result")
    func success() async throws {
        let folder = try TemporaryFolder()
        let (runner, ends) = try Self.runner(folder, script: "echo working\n" + Self.succeed)
        let job = folder.path + "/j-1"
        #expect(await runner.status(of: "j-1", folder: job) == .waiting)
        await runner.start("j-1", folder: job)
        var iterator = ends.makeAsyncIterator()
        _ = await iterator.next()
        guard case .ended(let result) = await runner.status(of: "j-1", folder: job) else {
            Issue.record("no result")
            return
        }
        #expect(result.status == .done)
        #expect(runner.processIdentifiers == [])
    }

    @Test("A job that dies is started again and goes on from its checkpoint")
    func resumes() async throws {
        let folder = try TemporaryFolder()
        let script = """
            n=$(cat count 2>/dev/null || echo 0); n=$((n + 1)); echo $n > count
            rm -rf checkpoint; mkdir checkpoint; touch checkpoint/state
            if [ $n -lt 5 ]; then kill -9 $$; fi
            """
        let (runner, ends) = try Self.runner(folder, script: script + "\n" + Self.succeed)
        var iterator = ends.makeAsyncIterator()
        let job = folder.path + "/j-1"
        for _ in 0..<5 {
            await runner.start("j-1", folder: job)
            _ = await iterator.next()
        }
        guard case .ended = await runner.status(of: "j-1", folder: job) else {
            Issue.record("not ended: \(await runner.status(of: "j-1", folder: job))")
            return
        }
    }

    @Test("Three runs without a new checkpoint are the end, with the last words said")
    func stuck() async throws {
        let folder = try TemporaryFolder()
        let (runner, ends) = try Self.runner(folder, script: "echo 'cannot read the model' >&2; exit 3")
        var iterator = ends.makeAsyncIterator()
        let job = folder.path + "/j-1"
        for run in 1...3 {
            #expect(await runner.status(of: "j-1", folder: job) == .waiting, "before run \(run)")
            await runner.start("j-1", folder: job)
            _ = await iterator.next()
        }
        guard case .lost(let reason) = await runner.status(of: "j-1", folder: job) else {
            Issue.record("not lost")
            return
        }
        #expect(reason.contains("stuck"))
        #expect(reason.contains("cannot read the model"))
        await runner.start("j-1", folder: job)
        #expect(runner.processIdentifiers == [])
    }

    @Test("Thirty runs are the end, whatever checkpoints they leave")
    func endless() async throws {
        let folder = try TemporaryFolder()
        let script = "rm -rf checkpoint; mkdir checkpoint; touch checkpoint/state; kill -9 $$"
        let (runner, ends) = try Self.runner(folder, script: script)
        var iterator = ends.makeAsyncIterator()
        let job = folder.path + "/j-1"
        for run in 1...30 {
            #expect(await runner.status(of: "j-1", folder: job) == .waiting, "before run \(run)")
            await runner.start("j-1", folder: job)
            _ = await iterator.next()
        }
        guard case .lost(let reason) = await runner.status(of: "j-1", folder: job) else {
            Issue.record("not lost")
            return
        }
        #expect(reason.contains("30 runs ended without a result"))
    }

    @Test("A job that aborts at its memory ceiling is not tried again")
    func memory() async throws {
        let folder = try TemporaryFolder()
        let (runner, ends) = try Self.runner(folder, script: "ulimit -c 0; kill -ABRT $$")
        var iterator = ends.makeAsyncIterator()
        await runner.start("j-1", folder: folder.path + "/j-1")
        _ = await iterator.next()
        guard case .lost(let reason) = await runner.status(of: "j-1", folder: folder.path + "/j-1") else {
            Issue.record("not lost")
            return
        }
        #expect(reason.contains("memory"))
    }

    @Test("Cancelled, a job that ignores SIGTERM is gone within a second or so")
    func cancel() async throws {
        let folder = try TemporaryFolder()
        let (runner, ends) = try Self.runner(
            folder, script: "trap '' TERM\n: > ready\nwhile :; do sleep 0.05; done")
        let job = folder.path + "/j-1"
        await runner.start("j-1", folder: job)
        #expect(runner.processIdentifiers.count == 1)
        await runner.cancel("j-1", folder: job)
        #expect(FileManager.default.fileExists(atPath: job + "/cancel"))
        #expect(runner.processIdentifiers == [])
        var iterator = ends.makeAsyncIterator()
        _ = await iterator.next()
    }

    @Test("Without an engine the job is lost, and says so")
    func missing() async throws {
        let folder = try TemporaryFolder()
        let logger = Logger(label: "runner") { _ in SwiftLogNoOpLogHandler() }
        let runner = LocalJobRunner(engine: folder.path + "/nothing", logger: logger) {}
        await runner.start("j-1", folder: folder.path)
        guard case .lost(let reason) = await runner.status(of: "j-1", folder: folder.path) else {
            Issue.record("not lost")
            return
        }
        #expect(reason.contains("cannot be started"))
    }
}
