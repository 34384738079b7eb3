/// Problem document (RFC 9457), sent as `application/problem+json`.
package struct Problem: Codable, Equatable, Sendable {
    /// `urn:retuned:problem:` and the kind.
    package var type: String
    package var title: String
    package var status: Int
    /// What was wrong, where, and what to do.
    package var detail: String
    /// Index of the record in the request, from 0.
    package var record: Int?
    /// Path of the field, for example `messages[0].role`.
    package var field: String?

    package init(type: String, title: String, status: Int, detail: String, record: Int? = nil, field: String? = nil) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.record = record
        self.field = field
    }
}
