/// A deployment as a model.
package struct ModelView: Codable, Equatable, Sendable {
    package var id: String
    /// `model`.
    package var object: String
    /// Seconds since 1970.
    package var created: Int
    package var ownedBy: String

    package init(id: String, object: String, created: Int, ownedBy: String) {
        self.id = id
        self.object = object
        self.created = created
        self.ownedBy = ownedBy
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, created
        case ownedBy = "owned_by"
    }
}
