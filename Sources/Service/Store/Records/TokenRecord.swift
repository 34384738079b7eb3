package import Values

/// A bearer token of the API. Only its hash is stored.
package struct TokenRecord: Equatable, Sendable {
    package var id: String
    package var name: String
    /// SHA-256 of the secret, 32 bytes.
    package var hash: [UInt8]
    package var scopes: [String]
    /// The one deployment it is for; nil: all.
    package var deployment: String?
    package var created: Timestamp
    package var revoked: Timestamp?

    package init(
        id: String, name: String, hash: [UInt8], scopes: [String], deployment: String?, created: Timestamp,
        revoked: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.hash = hash
        self.scopes = scopes
        self.deployment = deployment
        self.created = created
        self.revoked = revoked
    }
}
