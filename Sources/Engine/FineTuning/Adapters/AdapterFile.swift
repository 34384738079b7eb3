import Tensors
package import Transformer
import Values

/// Reads and writes adapters in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`.
package enum AdapterFile {
    private static let prefix = "base_model.model.model."

    /// Reads a LoRA for a model of this shape. Refused by name: DoRA, trained biases, whole modules, and whatever else
    /// changes what the factors mean; shapes that do not fit, numbers that are not finite, and missing halves.
    package static func read(folder: String, configuration: ModelConfiguration) throws(CheckpointError)
        -> LowRankAdapter
    {
        let settings = try AdapterSettings(folder: folder)
        let file = try SafetensorsFile(path: folder + "/adapter_model.safetensors")
        var found = Set<ModulePath>()
        for name in file.tensors.keys.sorted() {
            found.insert(try module(named: name, in: file.path, layerCount: configuration.layerCount))
        }
        guard !found.isEmpty else { throw CheckpointError(file: file.path, reason: "holds no factors") }
        var modules: [ModulePath: LowRankFactors] = [:]
        for path in found.sorted() {
            guard settings.targets(path) else {
                throw CheckpointError(
                    file: file.path, subject: "\(path)", reason: "is not among the target modules of \(settings.path)")
            }
            let shape = configuration.shape(of: path.projection)
            let rank = settings.rank(of: path)
            // Shapes are compared before anything of that size is allocated.
            for (suffix, wanted) in [("lora_A", [rank, shape.inputs]), ("lora_B", [shape.outputs, rank])] {
                let name = prefix + "\(path).\(suffix).weight"
                guard let tensor = file.tensors[name] else {
                    throw CheckpointError(file: file.path, subject: name, reason: "is missing")
                }
                guard tensor.shape == wanted else {
                    throw CheckpointError(
                        file: file.path, subject: name,
                        reason: "has the shape \(tensor.shape) where rank and model ask for \(wanted)")
                }
            }
            let a = Matrix(rows: rank, columns: shape.inputs)
            let b = Matrix(rows: shape.outputs, columns: rank)
            try file.read(prefix + "\(path).lora_A.weight", into: a)
            try file.read(prefix + "\(path).lora_B.weight", into: b)
            modules[path] = LowRankFactors(a: a, b: b, scale: settings.scale(of: path))
        }
        return LowRankAdapter(modules: modules)
    }

    private static func module(
        named name: String, in file: String, layerCount: Int
    ) throws(CheckpointError) -> ModulePath {
        func failure(_ reason: String) -> CheckpointError {
            CheckpointError(file: file, subject: name, reason: reason)
        }
        if name.contains("lora_magnitude_vector") { throw failure("belongs to DoRA, which is not supported") }
        if name.contains("lora_embedding_") { throw failure("changes the embedding, which is not supported") }
        guard name.hasPrefix(prefix),
            let end = [".lora_A.weight", ".lora_B.weight"].first(where: { name.hasSuffix($0) })
        else { throw failure("is no factor of a linear module of the model") }
        guard let path = ModulePath(name.dropFirst(prefix.count).dropLast(end.count)) else {
            throw failure("is no linear module of the decoder's layers")
        }
        guard path.layer < layerCount else { throw failure("is beyond the model's \(layerCount) layers") }
        return path
    }

    /// Ranks that serving engines allot room for.
    private static let roundRanks = [1, 8, 16, 32, 64, 128, 256, 320, 512]

    /// Writes an adapter so that every server reads it alike: one uniform rank by zero padding, `lora_alpha` = `r`, no
    /// patterns, float32; query, key and value together and gate and up together, zero where there is nothing.
    /// The folder exists; the caller syncs and renames it.
    package static func write(
        _ adapter: LowRankAdapter, configuration: ModelConfiguration, baseName: String, folder: String
    ) throws(CheckpointError) {
        let largest = max(1, adapter.maximumRank)
        let rank = roundRanks.first { $0 >= largest } ?? largest
        var projections = Set(adapter.modules.keys.map(\.projection))
        if projections.isEmpty { projections = [.query] }
        // Servers that fuse these products want all parts of one.
        for group in [[Projection.query, .key, .value], [.gate, .up]] where !projections.isDisjoint(with: group) {
            projections.formUnion(group)
        }
        var layers = Set(adapter.modules.keys.map(\.layer))
        if layers.isEmpty { layers = [0] }
        var entries: [SafetensorsWriter.Entry] = []
        for layer in layers.sorted() {
            for projection in projections.sorted() {
                let path = ModulePath(layer: layer, projection: projection)
                let shape = configuration.shape(of: projection)
                let a = Matrix(rows: rank, columns: shape.inputs)
                let b = Matrix(rows: shape.outputs, columns: rank)
                if let factors = adapter.modules[path] {
                    a.rows(0..<factors.rank).assign(factors.a)
                    let filled = b.columns(0..<factors.rank)
                    filled.assign(factors.b)
                    if factors.scale != 1 { filled.multiply(by: factors.scale) }
                }
                entries.append(.init(name: prefix + "\(path).lora_A.weight", matrix: a))
                entries.append(.init(name: prefix + "\(path).lora_B.weight", matrix: b))
            }
        }
        try SafetensorsWriter.write(entries, path: folder + "/adapter_model.safetensors")
        let json: JSONValue = [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": .string(baseName),
            "r": .integer(Int64(rank)), "lora_alpha": .integer(Int64(rank)), "lora_dropout": 0, "bias": "none",
            "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true, "use_rslora": false,
            "use_dora": false, "modules_to_save": nil,
            "target_modules": .array(projections.sorted().map { .string($0.name) }),
            "layers_to_transform": .array(layers.sorted().map { .integer(Int64($0)) }), "layers_pattern": "layers",
            "rank_pattern": [:], "alpha_pattern": [:],
        ]
        try OutputFile.write(json.serialized, path: folder + "/adapter_config.json")
    }
}
