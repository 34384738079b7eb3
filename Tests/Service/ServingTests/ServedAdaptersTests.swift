import Contracts
import Foundation
import Locking
import Serving
import Testing

/// What the server holds follows what is wanted.
@Suite("ServedAdapters")
struct ServedAdaptersTests {
    static let probe =
        #"{"messages": [{"role": "user", "content": "Hi"}], "answer": "a", "logProbabilities": [-0.1, -0.2]}"#

    let folder: TemporaryFolder
    let files: AdapterFiles
    let backend = FakeBackend()

    init() throws {
        folder = try TemporaryFolder()
        try folder.adapter("adapters/support-v1", weights: "one", probe: Self.probe)
        try folder.adapter("adapters/support-v2", weights: "two", probe: Self.probe)
        files = AdapterFiles(root: folder.path + "/adapters")
    }

    func reconcile(
        _ names: [String], inUse: Set<String> = [], export: String? = nil
    ) async throws -> ServedAdapters.Result {
        let served = ServedAdapters(files: files, backend: backend, base: "support", export: export)
        let wanted = try names.map { ServedAdapters.Wanted(name: $0, digest: try files.digest(of: $0)) }
        return try await served.reconcile(wanted: wanted, inUse: inUse, prefix: "support-v")
    }

    @Test("Loads what is missing, unloads its own, leaves others alone")
    func loads() async throws {
        for name in ["support-v9", "support-vip", "billing-v1"] { await backend.put(name) }
        #expect(try await reconcile(["support-v1", "support-v2"]).held == ["support-v1", "support-v2"])
        #expect(await backend.calls == ["load support-v1", "load support-v2", "unload support-v9"])
        #expect(try await reconcile(["support-v2"]).held == ["support-v2"])
        #expect(await backend.loaded.keys.sorted() == ["billing-v1", "support-v2", "support-vip"])
    }

    @Test("What it has lost is told before anything is loaded, and what it holds before anything is unloaded")
    func seen() async throws {
        for name in ["support-v1", "support-v9"] { await backend.put(name) }
        let served = ServedAdapters(files: files, backend: backend, base: "support", export: nil)
        let wanted = [
            ServedAdapters.Wanted(name: "support-v2", digest: try files.digest(of: "support-v2"))
        ]
        let seen = Locked<[ServedAdapters.Seen]>([])
        _ = try await served.reconcile(
            wanted: wanted, inUse: ["support-v1", "support-v2"], prefix: "support-v"
        ) { found in seen.withLock { $0.append(found) } }
        #expect(seen.withLock { $0 } == [.present(["support-v1"]), .held(["support-v2"])])
    }

    @Test("A server that restarted is given its adapters again")
    func restart() async throws {
        _ = try await reconcile(["support-v1"])
        await backend.restart()
        _ = try await reconcile(["support-v1"])
        #expect(await backend.calls == ["load support-v1", "load support-v1"])
    }

    @Test("An adapter whose probe is answered otherwise is refused, and the others are served")
    func probe() async throws {
        await backend.set(answers: [-0.1, -0.25])
        #expect(try await reconcile(["support-v1"]).fault == nil)
        await backend.restart()
        await backend.set(answers: [-0.1, -3])
        let result = try await reconcile(["support-v1"])
        #expect(result.held == [])
        #expect(result.fault?.description.contains("base model") == true)
        #expect(await backend.loaded == [:])
    }

    @Test("A probe that could not be asked leaves nothing unverified, and is asked again without another load")
    func unverified() async throws {
        await backend.set(probeFault: ServingFault(isRetryable: true, "time-out"))
        #expect(try await reconcile(["support-v1"]).held == [])
        #expect(try await reconcile(["support-v1"]).held == [])
        await backend.set(probeFault: nil)
        #expect(try await reconcile(["support-v1"]).held == ["support-v1"])
        #expect(await backend.calls == ["load support-v1"])
    }

    @Test("What somebody else loaded under its name is taken back, and loaded anew")
    func otherBytes() async throws {
        await backend.put("support-v1")
        await backend.set(answers: [-0.1, -3])
        #expect(try await reconcile(["support-v1"]).held == [])
        #expect(await backend.calls == ["unload support-v1"])
        await backend.set(answers: [-0.1, -0.2])
        #expect(try await reconcile(["support-v1"]).held == ["support-v1"])
        #expect(await backend.calls == ["unload support-v1", "load support-v1"])
    }

    @Test("What is in use is neither verified again nor unloaded")
    func inUse() async throws {
        for name in ["support-v1", "support-v8", "support-v9"] { await backend.put(name) }
        await backend.set(probeFault: ServingFault(isRetryable: true, "time-out"))
        let result = try await reconcile(["support-v1", "support-v2"], inUse: ["support-v1", "support-v8"])
        #expect(result.held == ["support-v1"] && result.fault?.description == "time-out")
        #expect(await backend.calls == ["load support-v2", "unload support-v9"])
    }

    @Test("Cancelled, it asks for nothing more")
    func cancelled() async throws {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            _ = try await reconcile(["support-v1"])
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await backend.calls == [])
    }

    @Test("One adapter that the server refuses keeps none of the others from it")
    func refused() async throws {
        await backend.set(refuses: ["support-v1"])
        let result = try await reconcile(["support-v1", "support-v2"])
        #expect(result.held == ["support-v2"])
        #expect(result.fault?.description == "support-v1: rank too large")
    }

    @Test("Another base is refused before anything is loaded")
    func otherBase() async throws {
        await backend.set(base: "other")
        await #expect(throws: ServingFault.self) { _ = try await reconcile(["support-v1"]) }
        #expect(await backend.calls == [])
    }

    @Test("Files that are not those of the record are not served")
    func changedFiles() async throws {
        let served = ServedAdapters(files: files, backend: backend, base: "support", export: nil)
        let result = try await served.reconcile(
            wanted: [.init(name: "support-v1", digest: "sha256:other")], inUse: [], prefix: "support-v")
        #expect(result.held == [])
        #expect(result.fault?.description.contains("not those that were recorded") == true)
    }

    @Test("A server outside is given a copy in its own folder")
    func export() async throws {
        let place = folder.path + "/export"
        _ = try await reconcile(["support-v1"], export: place)
        #expect(await backend.loaded["support-v1"] == place + "/support-v1")
        #expect(try AdapterFiles(root: place).digest(of: "support-v1") == files.digest(of: "support-v1"))
    }

    @Test("Adopting keeps complete files, replaces what a crash left under the name, and needs both files")
    func adopt() throws {
        try folder.adapter("made", weights: "new")
        let digest = try files.adopt("support-v3", from: folder.path + "/made")
        #expect(try digest == files.digest(of: "support-v3"))
        #expect(digest.hasPrefix("sha256:") && digest.count == 71)
        #expect(try files.adopt("support-v3", from: folder.path + "/made") == digest)
        try folder.adapter("again", weights: "newer")
        let other = try files.adopt("support-v3", from: folder.path + "/again")
        #expect(other != digest)
        #expect(try other == files.digest(of: "support-v3"))
        try folder.write("half/adapter_config.json", "{}")
        #expect(throws: (any Error).self) { try files.adopt("support-v4", from: folder.path + "/half") }
        #expect(!FileManager.default.fileExists(atPath: files.folder(of: "support-v4")))
        #expect(files.probe(of: "support-v1")?.logProbabilities == [-0.1, -0.2])
        #expect(files.probe(of: "support-v3") == nil)
    }
}

/// What the daemon reads of a base checkpoint.
@Suite("CheckpointSummary")
struct CheckpointSummaryTests {
    static func file(_ header: String, data: Int = 8, of value: UInt8 = 0) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8)
            + [UInt8](repeating: value, count: data)
    }

    @Test("Counts the numbers of all files, and its digest follows the bytes")
    func counts() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "m/a.safetensors",
            Self.file(
                #"{"__metadata__": {"format": "pt"}, "x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}"#,
                data: 24))
        try folder.write(
            "m/b.safetensors", Self.file(#"{"y": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}"#, data: 4))
        let summary = try CheckpointSummary(folder: folder.path + "/m")
        #expect(summary.parameters == 7)
        try folder.write(
            "m/b.safetensors",
            Self.file(#"{"y": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}"#, data: 4, of: 1))
        #expect(try CheckpointSummary(folder: folder.path + "/m").digest != summary.digest)
    }

    @Test(
        "Damaged files are told",
        arguments: [
            [], [1, 2, 3], Array(repeating: 255, count: 40), file("{"), file("[]"), file(#"{"x": 1}"#),
            file(#"{"x": {"shape": "large"}}"#), file(#"{"x": {"shape": [-2]}}"#), file(#"{"x": {"shape": [2.5]}}"#),
            // Cut short, too long, with a hole, and overlapping.
            file(#"{"x": {"shape": [2], "data_offsets": [0, 8]}}"#, data: 7),
            file(#"{"x": {"shape": [2], "data_offsets": [0, 8]}}"#, data: 9),
            file(#"{"x": {"shape": [1], "data_offsets": [4, 8]}}"#),
            file(#"{"x": {"shape": [2], "data_offsets": [0, 8]}, "y": {"shape": [1], "data_offsets": [4, 8]}}"#),
            file(#"{"x": {"shape": [4611686018427387904, 4611686018427387904]}}"#),
        ] as [[UInt8]])
    func damaged(_ bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        try folder.write("m/model.safetensors", bytes)
        #expect(throws: CheckpointFault.self) { try CheckpointSummary(folder: folder.path + "/m") }
    }

    @Test("A folder without weights is told")
    func empty() throws {
        let folder = try TemporaryFolder()
        #expect(throws: CheckpointFault.self) { try CheckpointSummary(folder: folder.path) }
        #expect(throws: CheckpointFault.self) { try CheckpointSummary(folder: folder.path + "/nowhere") }
    }
}
