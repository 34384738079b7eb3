import ChildProcesses
import Glibc
import Locking
import Testing

@Suite("ChildProcesses supervisor")
struct SupervisorTests {
    private func shell(_ script: String) -> ChildCommand {
        ChildCommand(executable: "/bin/sh", arguments: ["-c", script])
    }

    @Test("Delays double up to the longest, less what chance takes")
    func delays() {
        let policy = RestartPolicy(initialDelay: .seconds(1), maximumDelay: .seconds(10), jitter: 0.5)
        #expect(
            (1...6).map { policy.delay(beforeRestart: $0, fraction: 0) } == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
        #expect(policy.delay(beforeRestart: 3, fraction: 0.5) == .seconds(3))
        #expect(policy.delay(beforeRestart: 1_000_000, fraction: 0) == .seconds(10))
    }

    @Test("A child that ends is started again after growing delays; stopping ends the supervisor in a delay")
    func restarts() async throws {
        let clock = ManualClock()
        let supervisor = Supervisor(
            command: { [shell] in shell("exit 3") },
            policy: RestartPolicy(
                initialDelay: .seconds(1), maximumDelay: .seconds(4), jitter: 0.5, readyWithin: .seconds(5)),
            clock: clock, randomFraction: { 0.5 }, isReady: { _ in false })
        var events = supervisor.events().makeAsyncIterator()
        let task = Task { await supervisor.run() }
        for (restart, milliseconds) in [750, 1500, 3000, 3000].enumerated() {
            guard case .started(let process) = await events.next() else { throw Unexpected() }
            #expect(await events.next() == .exited(processIdentifier: process, .exited(code: 3)))
            #expect(await events.next() == .restarting(after: .milliseconds(milliseconds), restart: restart + 1))
            await sleeping(clock, for: .milliseconds(milliseconds))
            if restart < 3 { clock.advance(by: .milliseconds(milliseconds)) }
        }
        supervisor.stop()
        #expect(await events.next() == .stopped)
        #expect(await events.next() == nil)
        await task.value
    }

    @Test("Ready after the check passes; a long healthy life resets the delays; stop ends the child")
    func ready() async throws {
        let clock = ManualClock()
        let asked = Locked(0)
        let supervisor = Supervisor(
            command: { [shell] in shell("exec sleep 1000") },
            policy: RestartPolicy(
                initialDelay: .seconds(1), jitter: 0, healthyAfter: .seconds(60), readyWithin: .seconds(5),
                readyInterval: .milliseconds(100)),
            clock: clock, randomFraction: { 0 },
            isReady: { _ in
                asked.withLock { count in
                    count += 1
                    return count > 2
                }
            })
        var events = supervisor.events().makeAsyncIterator()
        let task = Task { await supervisor.run() }
        guard case .started(let first) = await events.next() else { throw Unexpected() }
        #expect(supervisor.readyProcess == nil)
        for _ in 0..<2 {
            await sleeping(clock, for: .milliseconds(100))
            clock.advance(by: .milliseconds(100))
        }
        #expect(await events.next() == .ready(processIdentifier: first))
        #expect(supervisor.readyProcess == first)
        for _ in 0..<2 {
            clock.advance(by: .seconds(60))
            let process = try #require(supervisor.readyProcess)
            kill(process, SIGKILL)
            #expect(await events.next() == .exited(processIdentifier: process, .signalled(SIGKILL)))
            // Number 1 both times: the life before was long.
            #expect(await events.next() == .restarting(after: .seconds(1), restart: 1))
            await sleeping(clock, for: .seconds(1))
            clock.advance(by: .seconds(1))
            guard case .started(let next) = await events.next() else { throw Unexpected() }
            #expect(await events.next() == .ready(processIdentifier: next))
        }
        let before = try #require(supervisor.readyProcess)
        await supervisor.restart()
        #expect(await events.next() == .exited(processIdentifier: before, .signalled(SIGTERM)))
        guard case .started(let last) = await events.next() else { throw Unexpected() }
        #expect(await events.next() == .ready(processIdentifier: last))
        task.cancel()
        #expect(await events.next() == .exited(processIdentifier: last, .signalled(SIGTERM)))
        #expect(await events.next() == .stopped)
        await task.value
        #expect(kill(last, 0) == -1)
    }

    @Test("A child that does not become ready in time is ended")
    func notReady() async throws {
        let clock = ManualClock()
        let supervisor = Supervisor(
            command: { [shell] in shell("exec sleep 1000") },
            policy: RestartPolicy(readyWithin: .seconds(5), readyInterval: .seconds(60)), clock: clock,
            randomFraction: { 0 }, isReady: { _ in false })
        var events = supervisor.events().makeAsyncIterator()
        let task = Task { await supervisor.run() }
        guard case .started(let process) = await events.next() else { throw Unexpected() }
        await sleeping(clock, for: .seconds(5))
        clock.advance(by: .seconds(5))
        #expect(await events.next() == .notReady(processIdentifier: process, within: .seconds(5)))
        #expect(await events.next() == .exited(processIdentifier: process, .signalled(SIGTERM)))
        task.cancel()
        await task.value
    }

    @Test("What cannot be started is tried again")
    func cannotStart() async throws {
        let clock = ManualClock()
        let supervisor = Supervisor(
            command: { ChildCommand(executable: "/nonexistent") }, clock: clock, randomFraction: { 0 })
        var events = supervisor.events().makeAsyncIterator()
        let task = Task { await supervisor.run() }
        guard case .cannotStart = await events.next() else { throw Unexpected() }
        #expect(await events.next() == .restarting(after: .milliseconds(500), restart: 1))
        supervisor.stop()
        await task.value
    }

    private struct Unexpected: Error {}

    /// Returns when somebody sleeps so long.
    private func sleeping(_ clock: ManualClock, for duration: Duration) async {
        for await length in clock.sleeps where length == duration { return }
    }
}
