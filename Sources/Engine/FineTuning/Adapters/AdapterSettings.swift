import Transformer
import Values

/// What `adapter_config.json` says about a LoRA: which modules it changes, with which ranks and scales.
struct AdapterSettings {
    let path: String
    private let rank: Int
    private let alpha: Double
    private let usesRankStabilisedScale: Bool
    private let rankPattern: [(key: String, value: Double)]
    private let alphaPattern: [(key: String, value: Double)]
    private let targets: [String]?
    private let layers: Set<Int>?

    /// Fields that change what the factors mean and that this reader does not know, with the values that are harmless.
    private static let refused: [(key: String, harmless: [JSONValue])] = [
        ("use_dora", [false]), ("use_qalora", [false]), ("use_bdlora", [false]), ("lora_bias", [false]),
        ("fan_in_fan_out", [false]), ("modules_to_save", [[]]), ("layer_replication", [[]]),
        ("trainable_token_indices", [[]]), ("target_parameters", [[]]), ("alora_invocation_tokens", [[]]),
        ("exclude_modules", [[]]), ("arrow_config", []), ("kasa_config", []), ("velora_config", []),
        ("monteclora_config", []),
    ]

    init(folder: String) throws(CheckpointError) {
        path = folder + "/adapter_config.json"
        let path = path
        let root = try JSONFile.read(path)
        func failure(_ key: String, _ reason: String) -> CheckpointError {
            CheckpointError(file: path, subject: key, reason: reason)
        }
        func value(_ key: String) -> JSONValue? { root[key] == .some(.null) ? nil : root[key] }
        guard root.objectValue != nil else { throw CheckpointError(file: path, reason: "is not a JSON object") }
        guard let kind = value("peft_type")?.stringValue else { throw failure("peft_type", "is missing") }
        guard kind == "LORA" else { throw failure("peft_type", "\(kind) is not supported; LORA is") }
        for (key, harmless) in Self.refused {
            if let found = value(key), !harmless.contains(found) {
                throw failure(key, "is set, and an adapter that uses it is not supported")
            }
        }
        if let bias = value("bias"), bias != "none" { throw failure("bias", "other than none is not supported") }
        guard let rank = value("r")?.intValue, rank > 0, rank <= 4096 else {
            throw failure("r", "is not a whole number from 1 to 4096")
        }
        self.rank = rank
        guard let alpha = value("lora_alpha")?.doubleValue else { throw failure("lora_alpha", "is not a number") }
        self.alpha = alpha
        usesRankStabilisedScale = value("use_rslora")?.boolValue ?? false
        func pattern(_ key: String) throws(CheckpointError) -> [(key: String, value: Double)] {
            guard let object = value(key) else { return [] }
            guard let members = object.objectValue?.members else { throw failure(key, "is not an object") }
            var result: [(key: String, value: Double)] = []
            for member in members {
                guard let number = member.value.doubleValue, number > 0 else {
                    throw failure("\(key).\(member.name)", "is not a positive number")
                }
                guard member.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
                    throw failure("\(key).\(member.name)", "is a pattern; only names of modules are supported")
                }
                result.append((member.name, number))
            }
            return result
        }
        rankPattern = try pattern("rank_pattern")
        alphaPattern = try pattern("alpha_pattern")
        switch value("target_modules") {
        case .array(let names):
            targets = names.compactMap(\.stringValue)
        case .string("all-linear"):
            targets = nil
        case .string:
            throw failure("target_modules", "is a regular expression; a list of names or all-linear is supported")
        default:
            throw failure("target_modules", "is missing")
        }
        switch value("layers_to_transform") {
        case nil: layers = nil
        case .integer(let one): layers = [Int(one)]
        case .array(let some): layers = Set(some.compactMap(\.intValue))
        default: throw failure("layers_to_transform", "is not a layer or a list of layers")
        }
    }

    /// Whether PEFT would put factors on the module: a full name always counts, a last name (or the end of a path) on
    /// the layers to transform.
    func targets(_ module: ModulePath) -> Bool {
        guard let targets else { return layers?.contains(module.layer) ?? true }
        let name = "model.\(module)"
        if targets.contains(name) { return true }
        return targets.contains { name.hasSuffix("." + $0) } && (layers?.contains(module.layer) ?? true)
    }

    /// The first pattern whose key is the module's name or the end of it.
    private func match(_ pattern: [(key: String, value: Double)], _ module: ModulePath) -> Double? {
        let name = "model.\(module)"
        return pattern.first { name == $0.key || name.hasSuffix("." + $0.key) }?.value
    }

    func rank(of module: ModulePath) -> Int {
        match(rankPattern, module).flatMap { Int(exactly: $0) } ?? rank
    }

    func scale(of module: ModulePath) -> Float {
        let rank = Double(rank(of: module))
        let alpha = match(alphaPattern, module) ?? alpha
        return Float(usesRankStabilisedScale ? alpha / rank.squareRoot() : alpha / rank)
    }
}
