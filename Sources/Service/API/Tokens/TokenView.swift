package import Values

/// A token without its secret.
package struct TokenView: Codable, Equatable, Sendable {
    package var id: String
    package var name: String
    package var scopes: [Scope]
    package var deployment: String?
    package var created: Timestamp
    package var expires: Timestamp?
    package var lastUsed: Timestamp?

    package init(
        id: String, name: String, scopes: [Scope], deployment: String? = nil, created: Timestamp,
        expires: Timestamp? = nil, lastUsed: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.deployment = deployment
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
    }
}
