import Tensors
import Values

/// The fields of a `config.json`, each with an error that names it.
struct ConfigurationFields {
    let path: String
    private let root: JSONValue

    /// Most that a size may be, so that products of sizes stay in range.
    private static let largest = 1 << 28

    init(path: String) throws(CheckpointError) {
        self.path = path
        root = try JSONFile.read(path)
        guard root.objectValue != nil else {
            throw CheckpointError(file: path, reason: "is not a JSON object")
        }
    }

    func failure(_ key: String, _ reason: String) -> CheckpointError {
        CheckpointError(file: path, subject: key, reason: reason)
    }

    private func value(_ key: String) -> JSONValue? {
        guard let value = root[key], value != .null else { return nil }
        return value
    }

    func has(_ key: String) -> Bool { value(key) != nil }
    func isNull(_ key: String) -> Bool { root[key] == .some(.null) }

    func string(_ key: String, default standard: String? = nil) throws(CheckpointError) -> String {
        guard let value = value(key) else {
            guard let standard else { throw failure(key, "is missing") }
            return standard
        }
        guard let text = value.stringValue else { throw failure(key, "is not a string") }
        return text
    }

    func positive(_ key: String, default standard: Int? = nil) throws(CheckpointError) -> Int {
        guard let value = value(key) else {
            guard let standard else { throw failure(key, "is missing") }
            return standard
        }
        guard let number = value.intValue, number > 0, number <= Self.largest else {
            throw failure(key, "is not a whole number from 1 to \(Self.largest)")
        }
        return number
    }

    func number(_ key: String, default standard: Double) throws(CheckpointError) -> Double {
        guard let value = value(key) else { return standard }
        guard let number = value.doubleValue, number > 0 else { throw failure(key, "is not a positive number") }
        return number
    }

    func bool(_ key: String, default standard: Bool) throws(CheckpointError) -> Bool {
        guard let value = value(key) else { return standard }
        guard let flag = value.boolValue else { throw failure(key, "is not true or false") }
        return flag
    }

    /// A token id, a list of them, or nothing.
    func tokens(_ key: String) throws(CheckpointError) -> [Int32] {
        guard let value = value(key) else { return [] }
        let list = value.arrayValue ?? [value]
        let ids = list.compactMap(\.intValue).compactMap { Int32(exactly: $0) }
        guard ids.count == list.count else { throw failure(key, "is not a token id or a list of them") }
        return ids
    }

    /// Base and scaling of the rotary embedding.
    func rotary() throws(CheckpointError) -> (Double, ModelConfiguration.RotaryScaling) {
        let parameters = value("rope_parameters") ?? value("rope_scaling")
        let key = has("rope_parameters") ? "rope_parameters" : "rope_scaling"
        guard let parameters else { return (try number("rope_theta", default: 10_000), .none) }
        guard parameters.objectValue != nil else { throw failure(key, "is not an object") }
        func positive(_ name: String) throws(CheckpointError) -> Double {
            guard let value = parameters[name]?.doubleValue, value > 0 else {
                throw failure("\(key).\(name)", "is not a positive number")
            }
            return value
        }
        if parameters["partial_rotary_factor"]?.doubleValue.map({ $0 != 1 }) ?? false {
            throw failure("\(key).partial_rotary_factor", "other than 1 is not supported")
        }
        let base =
            parameters["rope_theta"] == nil ? try number("rope_theta", default: 10_000) : try positive("rope_theta")
        let type = (parameters["rope_type"] ?? parameters["type"])?.stringValue ?? "default"
        switch type {
        case "default":
            return (base, .none)
        case "linear":
            return (base, .linear(factor: try positive("factor")))
        case "llama3":
            let original = try positive("original_max_position_embeddings")
            let (low, high) = (try positive("low_freq_factor"), try positive("high_freq_factor"))
            guard high > low else { throw failure("\(key).high_freq_factor", "is not above low_freq_factor") }
            return (
                base,
                .llama3(
                    factor: try positive("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
                    originalPositions: Int(min(original, Double(Self.largest))))
            )
        default:
            throw failure("\(key).rope_type", "\(type) is not supported; default, linear and llama3 are")
        }
    }

    /// For each layer the most positions that a token sees.
    func slidingWindows(
        _ architecture: ModelConfiguration.Architecture, layerCount: Int
    ) throws(CheckpointError) -> [Int?] {
        let none = [Int?](repeating: nil, count: layerCount)
        guard architecture != .llama, has("sliding_window") else { return none }
        let window = try positive("sliding_window")
        if architecture == .mistral { return [Int?](repeating: window, count: layerCount) }
        guard try bool("use_sliding_window", default: false) else { return none }
        if let types = value("layer_types")?.arrayValue {
            guard types.count == layerCount else { throw failure("layer_types", "does not have one entry a layer") }
            var windows: [Int?] = []
            for type in types {
                switch type.stringValue {
                case "full_attention": windows.append(nil)
                case "sliding_attention": windows.append(window)
                default: throw failure("layer_types", "holds something else than full_attention and sliding_attention")
                }
            }
            return windows
        }
        let full = try positive("max_window_layers", default: 28)
        return (0..<layerCount).map { $0 >= full ? window : nil }
    }
}
