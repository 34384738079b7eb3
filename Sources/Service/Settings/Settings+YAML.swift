import Values
import Yams

extension Settings {
    /// Decodes a configuration file's text.
    ///
    /// - Parameters:
    ///   - yaml: the file's text.
    ///   - environment: variables that stand over the file; see `Settings+Environment.swift`.
    package init(yaml: String, environment: [String: String] = [:]) throws(SettingsError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw SettingsError(path: "", reason: "not YAML: \(error)")
        }
        do {
            let value = node.map(JSONValue.init(yaml:)) ?? .object(JSONObject())
            self = try StrictJSON.decode(Settings.self, from: value)
        } catch {
            throw SettingsError(path: error.path, reason: error.reason)
        }
        try apply(environment: environment)
        try validate()
    }
}

extension JSONValue {
    /// A YAML node by the core schema: quoted scalars are strings, plain ones null, boolean, number or string.
    init(yaml node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(
                JSONObject(
                    mapping.map {
                        JSONObject.Member(name: $0.key.string ?? "\($0.key)", value: JSONValue(yaml: $0.value))
                    }
                ))
        case .sequence(let sequence):
            self = .array(sequence.map(JSONValue.init(yaml:)))
        case .scalar(let scalar):
            self = JSONValue(yamlScalar: scalar.string, isPlain: scalar.style == .plain || scalar.style == .any)
        case .alias(let alias):
            // Aliases are resolved while composing; one left over names nothing.
            self = .string("*\(alias.anchor)")
        }
    }

    private init(yamlScalar text: String, isPlain: Bool) {
        guard isPlain else {
            self = .string(text)
            return
        }
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default:
            if let integer = Int64(text) {
                self = .integer(integer)
            } else if let number = Double(text), number.isFinite,
                text.first.map({ $0.isNumber || $0 == "-" || $0 == "." }) == true
            {
                self = .number(number)
            } else {
                self = .string(text)
            }
        }
    }
}
