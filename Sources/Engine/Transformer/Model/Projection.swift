/// The seven linear maps of a decoder layer.
package enum Projection: Int, CaseIterable, Sendable, Comparable {
    case query, key, value, output, gate, up, down

    /// The name in Hugging Face checkpoints.
    package var name: String {
        switch self {
        case .query: "q_proj"
        case .key: "k_proj"
        case .value: "v_proj"
        case .output: "o_proj"
        case .gate: "gate_proj"
        case .up: "up_proj"
        case .down: "down_proj"
        }
    }

    /// The part of the layer that it belongs to.
    package var block: String { self < .gate ? "self_attn" : "mlp" }

    package init?(name: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    package static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
}
