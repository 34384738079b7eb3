package import Values

/// OpenFeature's evaluation of one flag: which adapter to ask.
package struct OFREPEvaluation: Codable, Equatable, Sendable {
    /// The deployment.
    package var key: String
    /// The served name.
    package var value: String
    /// `incumbent`, `candidate` or `holdback`.
    package var variant: String
    /// `SPLIT` in an experiment, else `STATIC`.
    package var reason: String
    package var metadata: [String: JSONValue]

    package init(key: String, value: String, variant: String, reason: String, metadata: [String: JSONValue]) {
        self.key = key
        self.value = value
        self.variant = variant
        self.reason = reason
        self.metadata = metadata
    }
}
