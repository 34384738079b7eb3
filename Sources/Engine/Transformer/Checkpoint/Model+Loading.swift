import Crypto
import Glibc
package import Tensors
import Values

extension Model {
    /// Loads a checkpoint folder in the Hugging Face layout: `config.json` and `model.safetensors`, or shards with
    /// `model.safetensors.index.json`; float32, float16 and bfloat16. Every weight must be there with the shape that the
    /// configuration asks for, finite, and no weight may be left over.
    package static func load(folder: String) throws(CheckpointError) -> Model {
        let configuration = try ModelConfiguration(reading: folder + "/config.json")
        let (names, placement) = try shards(folder)
        var files: [String: SafetensorsFile] = [:]
        for name in names { files[name] = try SafetensorsFile(path: folder + "/" + name) }
        // Configuration and files are compared before anything of the configuration's size is allocated.
        var left = Set<String>()
        var owners: [String: String] = [:]
        for name in names {
            for tensor in files[name]?.tensors.keys.sorted() ?? [] {
                guard owners[tensor] == nil else {
                    throw CheckpointError(
                        file: folder + "/" + name, subject: tensor, reason: "stands in another shard too")
                }
                if let placement, placement[tensor] != name {
                    throw CheckpointError(
                        file: folder + "/" + name, subject: tensor, reason: "the index puts it elsewhere or nowhere")
                }
                owners[tensor] = name
                left.insert(tensor)
            }
        }
        for shape in configuration.weightShapes {
            guard let owner = owners[shape.name], let tensor = files[owner]?.tensors[shape.name] else {
                throw CheckpointError(file: folder, subject: shape.name, reason: "is missing from the checkpoint")
            }
            guard tensor.shape == [shape.rows, shape.columns] || (shape.rows == 1 && tensor.shape == [shape.columns])
            else {
                throw CheckpointError(
                    file: folder + "/" + owner, subject: shape.name,
                    reason:
                        "has the shape \(tensor.shape) where config.json asks for [\(shape.rows), \(shape.columns)]")
            }
            left.remove(shape.name)
        }
        // A tied head may be stored once more, and old files carry the rotary frequencies; both say nothing new.
        left = left.filter { name in
            !(configuration.tiesEmbeddings && name == "lm_head.weight") && !name.hasSuffix(".rotary_emb.inv_freq")
        }
        if let name = left.min() {
            throw CheckpointError(
                file: folder + "/" + (owners[name] ?? ""), subject: name,
                reason: "is no weight of a \(configuration.architecture.rawValue) model of this configuration")
        }
        let weights = ModelWeights(configuration: configuration)
        for shape in configuration.weightShapes {
            guard let owner = owners[shape.name], let file = files[owner],
                let matrix = weights.weight(named: shape.name)
            else { preconditionFailure("checked above") }
            try file.read(shape.name, into: matrix)
        }
        return Model(configuration: configuration, weights: weights, digest: try digest(folder, names))
    }

    /// The safetensors files of a folder in order of name, and where the index puts each weight.
    private static func shards(_ folder: String) throws(CheckpointError) -> ([String], [String: String]?) {
        let index = folder + "/model.safetensors.index.json"
        guard unsafe access(index, F_OK) == 0 else { return (["model.safetensors"], nil) }
        guard let map = try JSONFile.read(index)["weight_map"]?.objectValue else {
            throw CheckpointError(file: index, subject: "weight_map", reason: "is missing or not an object")
        }
        var placement: [String: String] = [:]
        for member in map.members {
            guard let name = member.value.stringValue, !name.contains("/"), name.hasSuffix(".safetensors") else {
                throw CheckpointError(
                    file: index, subject: member.name, reason: "is not the name of a safetensors file of this folder")
            }
            placement[member.name] = name
        }
        guard !placement.isEmpty else {
            throw CheckpointError(file: index, subject: "weight_map", reason: "is empty")
        }
        return (Set(placement.values).sorted(), placement)
    }

    private static func digest(_ folder: String, _ names: [String]) throws(CheckpointError) -> String {
        var hash = SHA256()
        for name in names {
            do throws(InputFile.Failure) {
                let file = try InputFile(path: folder + "/" + name)
                for start in stride(from: 0, to: file.size, by: 1 << 20) {
                    hash.update(data: try file.bytes(start..<min(file.size, start + 1 << 20)))
                }
            } catch {
                throw CheckpointError(file: folder + "/" + name, reason: error.reason)
            }
        }
        let digits = Array("0123456789abcdef")
        return "sha256:"
            + String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Writes the checkpoint: `config.json`, `model.safetensors`. The folder exists; the caller syncs and renames it.
    package func write(folder: String, format: NumberFormat = .float32) throws(CheckpointError) {
        try OutputFile.write(configuration.json.serialized, path: folder + "/config.json")
        let entries = configuration.weightShapes.map { shape in
            guard let matrix = weights.weight(named: shape.name) else { preconditionFailure("named by itself") }
            return SafetensorsWriter.Entry(
                name: shape.name, matrix: matrix, format: format,
                isVector: shape.rows == 1 && !shape.name.hasSuffix("_proj.weight"))
        }
        try SafetensorsWriter.write(entries, path: folder + "/model.safetensors")
    }
}
