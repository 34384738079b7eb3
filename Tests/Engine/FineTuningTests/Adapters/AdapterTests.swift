import FineTuning
import FoundationEssentials
import Tensors
import Testing
import Transformer

@Suite("Adapters: files, merging, truncation")
struct AdapterTests {
    let configuration = ModelConfiguration(
        vocabularySize: 11, hiddenSize: 12, intermediateSize: 20, layerCount: 3, headCount: 2, keyValueHeadCount: 1,
        headSize: 6, maximumPositions: 32)

    private func adapter(_ ranks: [String: Int], scale: Float = 1.5, seed: UInt64 = 3) -> LowRankAdapter {
        var paths: [ModulePath: Int] = [:]
        for (name, rank) in ranks { if let path = ModulePath(name) { paths[path] = rank } }
        let adapter = LowRankAdapter.initial(ranks: paths, configuration: configuration, scale: scale, seed: seed)
        var stream = RandomStream(seed: seed &+ 50)
        for path in adapter.paths {
            guard let b = adapter.modules[path]?.b else { continue }
            for row in 0..<b.rows { for column in 0..<b.columns { b[row, column] = stream.nextUnit() - 0.5 } }
        }
        return adapter
    }

    /// scale · B A
    private func change(_ factors: LowRankFactors?) -> [Double] {
        guard let factors else { return [] }
        return (0..<factors.b.rows).flatMap { row in
            (0..<factors.a.columns).map { column in
                (0..<factors.rank).reduce(0.0) {
                    $0 + Double(factors.scale) * Double(factors.b[row, $1]) * Double(factors.a[$1, column])
                }
            }
        }
    }

    private func distance(_ x: [Double], _ y: [Double]) -> Double {
        zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    @Test func writtenForEveryServerAndReadAgain() throws {
        let folder = try TemporaryFolder()
        let original = adapter(["layers.0.self_attn.q_proj": 3, "layers.2.mlp.up_proj": 5])
        try AdapterFile.write(original, configuration: configuration, baseName: "base", folder: folder.path)
        let file = try SafetensorsFile(path: folder.path + "/adapter_model.safetensors")
        // Two layers, q k v gate up, A and B; one rank for all, rounded up to one that servers have room for.
        #expect(file.tensors.count == 20)
        #expect(file.tensors.values.allSatisfy { $0.shape.contains(8) && $0.type == "F32" })
        let read = try AdapterFile.read(folder: folder.path, configuration: configuration)
        #expect(read.modules.count == 10)
        for (path, factors) in read.modules {
            #expect(factors.rank == 8 && factors.scale == 1)
            let wanted = original.modules[path].map { change($0) } ?? change(factors).map { _ in 0 }
            #expect(distance(change(factors), wanted) < 1e-6)
        }
    }

    private func folder(
        _ config: String, _ change: (inout [SafetensorsWriter.Entry]) -> Void = { _ in }
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try OutputFile.write(Array(config.utf8), path: folder.path + "/adapter_config.json")
        let prefix = "base_model.model.model.layers.1.mlp.down_proj."
        var entries = [
            SafetensorsWriter.Entry(name: prefix + "lora_A.weight", matrix: Matrix(rows: 2, columns: 20)),
            SafetensorsWriter.Entry(name: prefix + "lora_B.weight", matrix: Matrix(rows: 12, columns: 2)),
        ]
        change(&entries)
        try SafetensorsWriter.write(entries, path: folder.path + "/adapter_model.safetensors")
        return folder
    }

    private static func config(_ extra: String) -> String {
        #"{"peft_type":"LORA","r":2,"lora_alpha":4,"target_modules":["down_proj"]"# + extra + "}"
    }

    @Test func scalesOfRankAndAlphaPatterns() throws {
        let path = try #require(ModulePath("layers.1.mlp.down_proj"))
        let cases: [(String, Float)] = [
            ("", 2), (#","use_rslora":true"#, 4 / Float(2).squareRoot()),
            (#","alpha_pattern":{"layers.1.mlp.down_proj":7}"#, 3.5), (#","alpha_pattern":{"down_proj":6}"#, 3),
            (#","alpha_pattern":{"layers.0.mlp.down_proj":7}"#, 2),
            (#","layers_to_transform":[1],"use_dora":false,"bias":"none","modules_to_save":null"#, 2),
        ]
        for (extra, scale) in cases {
            let folder = try folder(Self.config(extra))
            let read = try AdapterFile.read(folder: folder.path, configuration: configuration)
            #expect(abs((read.modules[path]?.scale ?? 0) - scale) < 1e-6)
        }
    }

    @Test(arguments: [
        (#","use_dora":true"#, "use_dora"), (#","bias":"all""#, "bias"),
        (#","modules_to_save":["lm_head"]"#, "modules_to_save"),
        (#","use_qalora":true"#, "use_qalora"), (#","rank_pattern":{"^x.*":3}"#, "pattern"),
        (#","layers_to_transform":[0]"#, "target modules"), (#","rank_pattern":{"down_proj":3}"#, "shape"),
        (#","layer_replication":[[0,1]]"#, "layer_replication"), (#","fan_in_fan_out":true"#, "fan_in_fan_out"),
    ])
    func settingsAreRefusedByName(_ extra: String, words: String) throws {
        let folder = try folder(Self.config(extra))
        let error = #expect(throws: CheckpointError.self) {
            try AdapterFile.read(folder: folder.path, configuration: configuration)
        }
        #expect(error.map { "\($0)".contains(words) } ?? false, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func filesAreRefusedByName() throws {
        func fails(
            _ words: String, _ config: String = Self.config(""), _ change: (inout [SafetensorsWriter.Entry]) -> Void
        )
            throws
        {
            let folder = try folder(config, change)
            let error = #expect(throws: CheckpointError.self) {
                try AdapterFile.read(folder: folder.path, configuration: configuration)
            }
            #expect(error.map { "\($0)".contains(words) } ?? false, "\(error.map { "\($0)" } ?? "")")
        }
        try fails("lora_B") { $0.removeLast() }
        try fails("lora_A") { $0.removeFirst() }
        try fails("no factors") { $0.removeAll() }
        try fails("finite") { $0[0].matrix[1, 7] = .nan }
        try fails("shape") { $0[1] = .init(name: $0[1].name, matrix: Matrix(rows: 11, columns: 2)) }
        try fails("beyond") {
            $0[0] = .init(name: $0[0].name.replacing("layers.1", with: "layers.7"), matrix: $0[0].matrix)
        }
        try fails("DoRA") {
            $0.append(
                .init(
                    name: "base_model.model.model.layers.1.mlp.down_proj.lora_magnitude_vector",
                    matrix: Matrix(rows: 1, columns: 1)))
        }
        try fails("no factor of a linear module") {
            $0.append(.init(name: "base_model.model.lm_head.weight", matrix: Matrix(rows: 1, columns: 1)))
        }
        try fails("JSON", "{") { _ in }
        try fails("peft_type", #"{"peft_type":"IA3"}"#) { _ in }
        try fails("regular expression", #"{"peft_type":"LORA","r":2,"lora_alpha":4,"target_modules":".*down.*"}"#) {
            _ in
        }
        let truncated = try folder(Self.config(""))
        let path = truncated.path + "/adapter_model.safetensors"
        try OutputFile.write(Array(try Data(contentsOf: URL(filePath: path)).dropLast(3)), path: path)
        #expect(throws: CheckpointError.self) {
            try AdapterFile.read(folder: truncated.path, configuration: configuration)
        }
    }

    @Test func appendingIsExact() {
        let first = adapter(["layers.0.self_attn.q_proj": 3, "layers.1.mlp.up_proj": 2])
        let second = adapter(["layers.1.mlp.up_proj": 4, "layers.2.mlp.down_proj": 1], scale: 0.5, seed: 9)
        let both = first.appending(second)
        #expect(both.modules.count == 3)
        for (path, factors) in both.modules {
            let parts = [first.modules[path], second.modules[path]].map { change($0) }.filter { !$0.isEmpty }
            let sum = parts.dropFirst().reduce(parts[0]) { zip($0, $1).map { $0 + $1 } }
            #expect(distance(change(factors), sum) < 1e-6)
        }
    }

    @Test func truncationLosesExactlyTheDiscardedSingularValues() throws {
        let original = adapter(["layers.1.mlp.up_proj": 9, "layers.0.self_attn.v_proj": 2])
        let up = try #require(ModulePath("layers.1.mlp.up_proj"))
        let svd = LowRankDecomposition(try #require(original.modules[up]))
        let whole = change(original.modules[up])
        // All singular values together are the norm, and all factors together the product.
        let norm = svd.singularValues.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(norm - whole.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-9 * norm)
        for rank in 1...9 {
            let (cut, residuals) = original.truncated(toRank: rank)
            let factors = try #require(cut.modules[up])
            #expect(factors.rank == rank)
            let lost = svd.singularValues.dropFirst(rank).reduce(0) { $0 + $1 * $1 }.squareRoot()
            // The factors are float32: 1e-6 of the norm.
            #expect(abs(distance(change(factors), whole) - lost) < 2e-6 * norm)
            #expect(abs((residuals[up] ?? 0) - lost / norm) < 1e-9)
            if rank >= 2 { #expect(cut.modules.count == 2 && residuals.count == (rank < 9 ? 1 : 0)) }
        }
    }

    @Test func dependentFactorsAreTruncatedWithoutLoss() throws {
        let one = adapter(["layers.1.mlp.up_proj": 3])
        let twice = one.appending(one)
        let (cut, residuals) = twice.truncated(toRank: 3)
        let path = try #require(ModulePath("layers.1.mlp.up_proj"))
        #expect((residuals[path] ?? 1) < 1e-7)
        #expect(distance(change(cut.modules[path]), change(one.modules[path]).map { 2 * $0 }) < 1e-5)
    }
}
