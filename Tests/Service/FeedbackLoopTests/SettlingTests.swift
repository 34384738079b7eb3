import FeedbackLoop
import Foundation
import Locking
import Settings
import Store
import Testing
import Values

/// Right after a start the incumbent's adapter may still be on its way to the server.
@Suite("Settling")
struct SettlingTests {
    @Test("A request waits for the adapter once, and not again for a server that does not come")
    func waitsOnce() async throws {
        let folder = "\(NSTemporaryDirectory())/retuned-settling-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let adapter = "\(folder)/first"
        try FileManager.default.createDirectory(atPath: adapter, withIntermediateDirectories: true)
        try Data("{\"r\": 8}".utf8).write(to: URL(fileURLWithPath: adapter + "/adapter_config.json"))
        try Data([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8))
            .write(to: URL(fileURLWithPath: adapter + "/adapter_model.safetensors"))
        let store = try DurableStore(folder: folder + "/state", options: StoreOptions(ballastBytes: 0))
        let context = Simulation.context(
            SimulatedWorld(scenario: .steady, seed: 1), store, folder, SimulatedServer(), Locked([]), "", Locked([]),
            change: { $0.adapter = adapter }, atCommit: { _ in })
        let loop = try await DeploymentLoop.open(context, at: Timestamp(milliseconds: 1_780_000_000_000))
        #expect(loop.arms.isStandIn && loop.arms.isSettling)
        // Nobody brings the adapter to the server here.
        let table = try await loop.settledArms()
        #expect(table.isStandIn && !table.isSettling && table.served == SimulatedServer.baseName)
        #expect(!loop.arms.isSettling)
        loop.serverRestarted()
        #expect(loop.arms.isSettling)
        try await store.close()
    }
}
