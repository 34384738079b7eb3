import FeedbackLoop
import Foundation
import Locking
import Settings
import Statistics
import Store
import Testing
import Traffic
import Values

/// Notices go to the outbox under ids of their own, whatever comes together.
@Suite("Notices")
struct NoticeTests {
    /// A deployment that only observes ends an episode after its deadline; here that is the step of the alarm itself. Both
    /// notices come at one instant, and neither changes the state of the cycle.
    @Test("Two notices of one instant are two")
    func twoAtOnce() async throws {
        let folder = "\(NSTemporaryDirectory())/retuned-notices-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let world = SimulatedWorld(scenario: .shift, seed: 1)
        let store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        let context = Simulation.context(
            world, store, folder, SimulatedServer(), Locked([]), "", Locked([]),
            change: {
                $0.mode = .observe
                $0.cycle.gathering = .seconds(0)
            }, atCommit: { _ in })
        var now = Timestamp(milliseconds: 1_780_000_000_000)
        let loop = try await DeploymentLoop.open(context, at: now)
        var generator = SeededGenerator(seed: 1)
        var number = 0
        for group in [SimulatedWorld.Group.old, .new] {
            for _ in 0..<8 {
                let entries = (0..<200).map { _ in
                    number += 1
                    return message(world.query(group, &generator).text, number: number, at: now)
                }
                _ = try await store.append(entries, enrolments: Enrolments())
                now = now.advanced(bySeconds: 3600)
                try await loop.step(at: now)
            }
        }
        let events = try await store.undistributedEvents(limit: 100)
        #expect(events.map(\.type).prefix(2) == ["drift.detected", "drift.ended"])
        #expect(events.count >= 2 && events[0].created == events[1].created)
        #expect(Set(events.map(\.id)).count == events.count)
        try await store.close()
    }

    private func message(_ text: String, number: Int, at time: Timestamp) -> LogEntry {
        .interaction(
            LoggedInteraction(
                interaction: Interaction(
                    id: "i-\(number)", deployment: "support", time: time, unit: "unit-\(number % 50)",
                    messages: [Message(role: "user", content: .text(text))], response: "yes",
                    adapter: SimulatedServer.baseName, latencyMilliseconds: 90),
                keyID: "k1", bodyHash: Array(repeating: 0, count: 32), record: "sha256:i-\(number)", received: time,
                redactedResponse: [], redactions: [:], fromGateway: true))
    }
}
