package import Values

/// OpenFeature's evaluation request.
package struct OFREPRequest: Codable, Equatable, Sendable {
    /// `targetingKey` is the unit; `conversation` may stand beside it.
    package var context: [String: JSONValue]?

    package init(context: [String: JSONValue]? = nil) {
        self.context = context
    }
}
