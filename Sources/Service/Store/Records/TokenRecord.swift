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
    /// It is refused from here on; nil: it does not end by itself.
    package var expires: Timestamp?
    /// When it was last used, to about a minute; nil: not yet.
    package var lastUsed: Timestamp?

    package init(
        id: String, name: String, hash: [UInt8], scopes: [String], deployment: String?, created: Timestamp,
        revoked: Timestamp? = nil, expires: Timestamp? = nil, lastUsed: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.hash = hash
        self.scopes = scopes
        self.deployment = deployment
        self.created = created
        self.revoked = revoked
        self.expires = expires
        self.lastUsed = lastUsed
    }
}
