import FeedbackLoop
import Foundation
import Locking
import Serving
import Settings
import Store
import Testing
import Values

/// The server is asked beside the steps. While it hangs, every step of these tests would wait for ever if it waited for it.
@Suite("Rounds with the server", .timeLimit(.minutes(1)))
struct ServingRoundTests {
    private static let candidate = LoopUnderTest.candidate

    /// The server is about to be asked to hold the candidate, and hangs.
    private static func promoting(hangingAt call: String) async throws -> LoopUnderTest {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        test.server.hangsAt.withLock { $0 = call }
        try await test.command(.promote)
        #expect(test.loop.view.stateName == "promoting")
        return test
    }

    /// The candidate serves, and nobody is held back on the base model any more.
    private static func serving() async throws -> LoopUnderTest {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        try await test.command(.promote)
        for _ in 0..<3 { try await test.step() }
        try await test.step(seconds: 60 * 86_400)
        #expect(test.loop.arms.served == candidate && test.loop.view.state.holdBack == nil)
        return test
    }

    /// The server answers again, and a step takes what it did.
    private static func release(_ test: LoopUnderTest) async throws {
        test.server.hangsAt.withLock { $0 = nil }
        await test.loop.waitForServer()
        try await test.step(seconds: 0)
    }

    @Test("A server that hangs holds up no command and no step", arguments: ["models", "load", "answer"])
    func hangs(at call: String) async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        try test.writeProbe()
        try await test.step()
        test.server.hangsAt.withLock { $0 = call }
        try await test.command(.promote)
        for _ in 0..<5 { try await test.step() }
        try await test.command(.pause)
        try await test.command(.resume)
        #expect(test.loop.view.stateName == "promoting" && test.loop.arms.served == "support")
        #expect(test.server.calls.withLock { $0.count } <= 2)
        try await Self.release(test)
        #expect(test.loop.arms.served == Self.candidate && !test.loop.arms.isStandIn)
        #expect(test.server.calls.withLock { $0 } == ["load \(Self.candidate)", "answer \(Self.candidate)"])
    }

    @Test("A rollback cuts off the load of what nobody wants any more; what the server did of it is undone")
    func rollback() async throws {
        let test = try await Self.promoting(hangingAt: "load")
        try await test.step()
        try await test.command(.rollback)
        #expect(test.loop.view.state.lastEnd?.outcome == .rolledBack)
        // The server still hangs: it is the round that has ended.
        await test.loop.waitForServer()
        test.server.hangsAt.withLock { $0 = nil }
        try await test.step(seconds: 0)
        #expect(test.server.calls.withLock { $0 } == ["load \(Self.candidate)", "unload \(Self.candidate)"])
        #expect(test.server.loaded.withLock { $0 } == [])
        #expect(test.loop.arms.served == "support" && test.loop.arms.comparison == nil)
    }

    @Test("What is known of a server that ended meanwhile counts for nothing")
    func restart() async throws {
        let test = try await Self.promoting(hangingAt: "load")
        try await test.step()
        test.server.hangsAt.withLock { $0 = nil }
        await test.loop.waitForServer()
        // It has answered that it holds the candidate, and no step has heard of it yet.
        test.server.loaded.withLock { $0 = [] }
        test.loop.serverRestarted()
        #expect(test.loop.view.stateName == "promoting")
        // It is asked anew, at the same instant.
        for _ in 0..<2 { try await test.step(seconds: 0) }
        #expect(test.loop.arms.served == Self.candidate)
        #expect(test.server.calls.withLock { $0 } == ["load \(Self.candidate)", "load \(Self.candidate)"])
    }

    @Test("After a restart the server is asked before the log of an experiment is read anew")
    func beforeTheLog() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30, isComparing: true)
        for _ in 0..<3 { try await test.step(seconds: 4000) }
        #expect(test.loop.arms.comparison != nil && !test.loop.arms.isSettling)
        try await test.reopen()
        #expect(test.loop.arms.comparison == nil && test.loop.arms.isSettling)
        // Whatever follows in the step fails, as a log might that takes long.
        test.kills.withLock { $0 = true }
        let asked = test.server.listings.withLock { $0 }
        _ = try? await test.loop.step(at: test.now.advanced(bySeconds: 4000))
        await test.loop.waitForServer()
        #expect(test.server.listings.withLock { $0 } > asked)
        #expect(test.loop.arms.comparison != nil && !test.loop.arms.isSettling)
    }

    @Test(
        "What the server has lost nobody is sent to, while it is loaded again; what it holds serves before another is unloaded"
    )
    func lost() async throws {
        let test = try await Self.serving()
        test.server.loaded.withLock { $0 = [] }
        test.server.hangsAt.withLock { $0 = "load" }
        try await test.step(seconds: 3)
        while test.server.calls.withLock({ $0.count(where: { $0.hasPrefix("load") }) }) < 2 { await Task.yield() }
        #expect(test.loop.arms.served == "support" && test.loop.arms.isStandIn && test.loop.arms.isSettling)
        try await Self.release(test)
        #expect(test.loop.arms.served == Self.candidate && !test.loop.arms.isSettling)
        test.server.loaded.withLock { _ = $0.insert("support-v9") }
        try await test.addEarlierAdapter("support-v7")
        test.server.hangsAt.withLock { $0 = "unload" }
        try await test.command(.rollback, adapter: "support-v7")
        for _ in 0..<3 { try await test.step() }
        while test.server.calls.withLock({ $0.last }) != "unload support-v9" { await Task.yield() }
        #expect(test.loop.arms.served == "support-v7" && !test.loop.arms.isStandIn)
        try await Self.release(test)
    }

    @Test(
        "What a request was told that the server lacks nobody is sent to, while the server's list hangs, and it is loaded again"
    )
    func lacks() async throws {
        let test = try await Self.serving()
        test.server.loaded.withLock { $0 = [] }
        test.server.hangsAt.withLock { $0 = "models" }
        try await test.step(seconds: 3)
        #expect(test.loop.arms.served == Self.candidate)
        #expect(test.loop.serverLacks(Self.candidate, at: test.now))
        #expect(test.loop.arms.served == "support" && test.loop.arms.isStandIn && test.loop.arms.isSettling)
        // Whoever asked at the same time is told the same.
        #expect(!test.loop.serverLacks(Self.candidate, at: test.now))
        try await Self.release(test)
        await test.loop.waitForServer()
        try await test.step(seconds: 0)
        #expect(test.loop.arms.served == Self.candidate && !test.loop.arms.isSettling)
        #expect(test.server.loaded.withLock { $0 } == [Self.candidate])
        // What it holds by its own list is not taken from everybody as often as somebody is told otherwise.
        #expect(!test.loop.serverLacks(Self.candidate, at: test.now))
        #expect(test.loop.arms.served == Self.candidate)
    }

    @Test("A load that was cut off before its probe was answered is no proof: the next round asks the probe")
    func unverified() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        try test.writeProbe()
        test.server.hangsAt.withLock { $0 = "answer" }
        try await test.command(.promote)
        try await test.step()
        // It was no restart after all: the adapter is still there.
        test.loop.serverRestarted()
        await test.loop.waitForServer()
        try await test.step(seconds: 0)
        #expect(test.loop.view.stateName == "promoting" && test.loop.arms.served == "support")
        try await Self.release(test)
        #expect(test.loop.arms.served == Self.candidate)
        let name = Self.candidate
        #expect(test.server.calls.withLock { $0 } == ["load \(name)", "answer \(name)", "answer \(name)"])
    }

    @Test("An adapter that is wanted again while it is unloaded is loaded anew, and nobody is sent to it before")
    func unloading() async throws {
        let test = try await Self.serving()
        test.server.hangsAt.withLock { $0 = "unload" }
        try await test.command(.rollback, adapter: "base")
        for _ in 0..<3 { try await test.step() }
        #expect(test.server.calls.withLock { $0.last } == "unload \(Self.candidate)")
        try await test.command(.rollback, adapter: Self.candidate)
        #expect(test.loop.view.state.serving.reason.hasSuffix("(\(Self.candidate) was rolled back itself before)"))
        for _ in 0..<3 {
            try await test.step()
            #expect(test.loop.arms.served == "support" && test.loop.arms.isStandIn)
        }
        // The unload is not cut off: who asks next would see what is about to go.
        #expect(test.server.calls.withLock { $0.last } == "unload \(Self.candidate)")
        try await Self.release(test)
        try await test.step(seconds: 0)
        #expect(test.server.calls.withLock { $0.last } == "load \(Self.candidate)")
        #expect(test.loop.arms.served == Self.candidate && !test.loop.arms.isStandIn)
    }

    @Test("What served before answers while another adapter is loaded, and goes when that serves")
    func standIn() async throws {
        let test = try await Self.serving()
        try await test.addEarlierAdapter("support-v7")
        test.server.hangsAt.withLock { $0 = "load" }
        try await test.command(.rollback, adapter: "support-v7")
        for _ in 0..<3 { try await test.step() }
        #expect(test.loop.arms.served == Self.candidate && test.loop.arms.isStandIn)
        test.server.hangsAt.withLock { $0 = nil }
        await test.loop.waitForServer()
        #expect(test.server.loaded.withLock { $0 } == [Self.candidate, "support-v7"])
        try await test.step()
        #expect(test.loop.arms.served == "support-v7" && !test.loop.arms.isStandIn)
        try await test.step(seconds: 2)
        #expect(test.server.loaded.withLock { $0 } == ["support-v7"])
    }

    @Test("A server that is down is asked again twice a second, not at every step")
    func isGone() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30)
        test.server.isGone.withLock { $0 = true }
        try await test.command(.promote)
        let before = test.server.listings.withLock { $0 }
        for _ in 0..<20 { try await test.step(seconds: 0.1) }
        #expect((3...5).contains(test.server.listings.withLock { $0 } - before))
        #expect(test.loop.view.servingTrouble == "it is gone")
    }

    @Test("Where the deployment only observes, the server is asked beside the steps too")
    func observes() async throws {
        let test = try await LoopUnderTest(candidate: 0.9, units: 30, mode: .observe)
        test.server.hangsAt.withLock { $0 = "models" }
        for _ in 0..<5 { try await test.step() }
        try await test.command(.pause)
        #expect(test.server.listings.withLock { $0 } == 1)
        #expect(test.loop.view.servingNote == "the serving back end has not been asked yet")
        try await Self.release(test)
        #expect(test.loop.view.servingNote == "the serving back end answers")
    }
}

extension LoopUnderTest {
    /// Lies beside the candidate's weights.
    fileprivate func writeProbe() throws {
        let probe = #"{"messages": [{"role": "user", "content": "Hi"}], "answer": "a", "logProbabilities": [-0.1]}"#
        let path = AdapterFiles(root: folder + "/adapters").folder(of: Self.candidate) + "/probe.json"
        try probe.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// An adapter that served once, as the first one of a deployment does.
    fileprivate func addEarlierAdapter(_ name: String) async throws {
        let digest = try AdapterFiles(root: folder + "/adapters").adopt(name, from: folder + "/made")
        var commit = LoopCommit(deployment: "support")
        commit.adapters = [
            AdapterRecord(
                deployment: "support", name: name, version: 7, status: .retired, created: now, folder: name,
                digest: digest, baseDigest: "sha256:base")
        ]
        try await store.commit(commit)
    }
}
