package import Values

/// A token to be made.
package struct TokenRequest: Codable, Equatable, Sendable {
    package var name: String
    package var scopes: [Scope]
    /// Absent: all.
    package var deployment: String?
    package var expires: Timestamp?

    package init(name: String, scopes: [Scope], deployment: String? = nil, expires: Timestamp? = nil) {
        self.name = name
        self.scopes = scopes
        self.deployment = deployment
        self.expires = expires
    }
}
