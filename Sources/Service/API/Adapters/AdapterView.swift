package import Values

/// A trained change to the base model, and where it comes from.
package struct AdapterView: Codable, Equatable, Sendable {
    package var name: String
    package var deployment: String
    package var state: AdapterState
    /// `sha256:` over its files.
    package var digest: String
    /// `sha256:` over the base's weights.
    package var base: String
    /// The adapter it was trained on top of.
    package var parent: String?
    package var cycle: String?
    package var created: Timestamp
    package var promoted: Timestamp?
    package var rank: Int
    /// Trained numbers.
    package var parameters: Int
    package var modules: [String]
    /// True when somebody it was trained on has been erased.
    package var tainted: Bool?
    package var metrics: JSONValue?

    package init(
        name: String, deployment: String, state: AdapterState, digest: String, base: String, parent: String? = nil,
        cycle: String? = nil, created: Timestamp, promoted: Timestamp? = nil, rank: Int, parameters: Int,
        modules: [String], tainted: Bool? = nil, metrics: JSONValue? = nil
    ) {
        self.name = name
        self.deployment = deployment
        self.state = state
        self.digest = digest
        self.base = base
        self.parent = parent
        self.cycle = cycle
        self.created = created
        self.promoted = promoted
        self.rank = rank
        self.parameters = parameters
        self.modules = modules
        self.tainted = tainted
        self.metrics = metrics
    }
}
