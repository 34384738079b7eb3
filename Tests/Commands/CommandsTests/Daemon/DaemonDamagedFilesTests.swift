import Foundation
import OutboundHTTP
import Testing
import Values

@Suite("DaemonDamagedFiles: a checkpoint or adapter that is no use is said, and the log goes on", .serialized)
struct DaemonDamagedFilesTests {
    private static func rewrite(_ path: String, _ change: (Data) throws -> Data) throws {
        let url = URL(fileURLWithPath: path)
        try change(try Data(contentsOf: url)).write(to: url)
    }

    /// The same file with the second tensor's beginning put back by `bytes`.
    private static func overlapping(_ data: Data) throws -> Data {
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = try #require(try JSONValue(parsing: Array(data[8..<8 + length])).objectValue)
        let name = "model.layers.0.input_layernorm.weight"
        let found = header[name]?["data_offsets"]?.arrayValue?.compactMap { $0.intValue }
        let offsets = try #require(found)
        header[name] = [
            "dtype": "F32", "shape": [64],
            "data_offsets": [.integer(Int64(offsets[0] - 256)), .integer(Int64(offsets[1] - 256))],
        ]
        let text = JSONValue.object(header).serialized
        var file = Data()
        for shift in stride(from: 0, to: 64, by: 8) {
            file.append(UInt8(truncatingIfNeeded: UInt64(text.count) >> UInt64(shift)))
        }
        return file + Data(text) + data[(8 + length)...]
    }

    @Test(arguments: ["garbage", "cut short", "overlap"])
    func `a checkpoint`(_ damage: String) async throws {
        let daemon = try RunningDaemon("")
        let base = daemon.folder + "/base"
        try EngineJobFixture.writeBase(base)
        try Self.rewrite(base + "/model.safetensors") { data in
            switch damage {
            case "garbage": Data("this is no checkpoint at all".utf8)
            case "cut short": data.dropLast(1000)
            default: try Self.overlapping(data)
            }
        }
        try daemon.configure("deployments: [{name: support, mode: propose, model: \(base)}]")
        try await daemon.start()
        #expect(try await daemon.log("kept").status == 200)
        let trainer = try await daemon.health("trainer")
        #expect(!trainer.isOK)
        #expect(trainer.detail.contains(damage == "garbage" ? "header" : damage), "\(trainer.detail)")
        #expect(trainer.detail.contains("model.safetensors"))
        #expect(daemon.log.contains(trainer.detail))
        // The engine's own words reach the operator.
        try await daemon.wait("the engine's end") {
            let serving = try await daemon.health("serving")
            return !serving.isOK && serving.detail.contains("model.safetensors")
        }
        #expect(try await daemon.ask().status == 503)
        #expect(try await daemon.send("GET", "/readyz").status == 200)
        #expect(try await daemon.loggedIDs().first == "kept")
        #expect(try await daemon.stop() == 0)
    }

    @Test(arguments: ["absent", "cut short"])
    func `an adapter, until it is repaired`(_ damage: String) async throws {
        let adapter = try EngineServeAdapter.make(seed: 1, layer: 1, inputs: 96, outputs: 64)
        defer { EngineServeAdapter.remove(adapter) }
        let weights = adapter + "/adapter_model.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: weights))
        if damage == "absent" {
            try FileManager.default.removeItem(atPath: weights)
        } else {
            try Self.rewrite(weights) { $0.dropLast(10) }
        }
        let daemon = try RunningDaemon("")
        try EngineJobFixture.writeBase(daemon.folder + "/base")
        try daemon.configure(
            """
            engine: {servingThreads: 1}
            deployments: [{name: support, mode: propose, model: \(daemon.folder)/base, adapter: \(adapter)}]
            """)
        try await daemon.start()
        #expect(try await daemon.log("kept").status == 200)
        let serving = try await daemon.health("serving")
        #expect(!serving.isOK && serving.detail.contains("adapter_model.safetensors"), "\(serving.detail)")
        if damage == "cut short" { #expect(serving.detail.contains("cut short")) }
        #expect(daemon.log.contains("cannot be taken over"))
        let refused = try await daemon.act("retrain")
        #expect(refused.status == 409 && refused.text.contains("cannot be taken over"), "\(refused.text)")
        try await daemon.wait("an answer of the base") { try await daemon.ask().status == 200 }
        #expect(try await daemon.ask().headers["retuned-adapter"] == "support")

        try whole.write(to: URL(fileURLWithPath: weights))
        try await daemon.wait("the adapter's turn") {
            try await daemon.ask().headers["retuned-adapter"] == "support-v1"
        }
        #expect(try await daemon.health("serving").isOK)
        #expect(try await daemon.view()["serving"]?["adapter"] == "support-v1")
    }

    @Test func `an adapter that does not fit its base, and one that rotted where it is kept`() async throws {
        let adapter = try EngineServeAdapter.make(seed: 1, layer: 1, inputs: 95, outputs: 64)
        defer { EngineServeAdapter.remove(adapter) }
        let daemon = try RunningDaemon("")
        try EngineJobFixture.writeBase(daemon.folder + "/base")
        try daemon.configure(
            """
            engine: {servingThreads: 1}
            deployments: [{name: support, mode: propose, model: \(daemon.folder)/base, adapter: \(adapter)}]
            """)
        try await daemon.start()
        try await daemon.wait("the engine's refusal") {
            try await daemon.health("serving").detail.contains("down_proj")
        }
        try await daemon.stop()
        try Self.rewrite(daemon.folder + "/state/adapters/support-v1/adapter_model.safetensors") {
            $0.dropLast(4) + [1, 2, 3, 4]
        }
        try await daemon.start()
        try await daemon.wait("the daemon's refusal") {
            try await daemon.health("serving").detail.contains("not those that were recorded")
        }
        try await daemon.wait("an answer of the base") { try await daemon.ask().status == 200 }
        #expect(try await daemon.log("kept").status == 200)
    }
}
