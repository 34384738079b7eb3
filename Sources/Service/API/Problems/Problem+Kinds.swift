package import Traffic

extension Problem {
    /// Media type of a problem document.
    package static let mediaType = "application/problem+json"

    /// A problem of a kind, the last part of its type.
    package init(kind: String, title: String, status: Int, detail: String) {
        self.init(type: "urn:retuned:problem:\(kind)", title: title, status: status, detail: detail)
    }

    /// What a record or a body is refused for.
    package init(_ error: TrafficError) {
        self.init(
            type: "urn:retuned:problem:\(error.kind.rawValue)", title: error.title, status: error.status,
            detail: error.detail, record: error.record, field: error.field)
    }

    /// The last part of the type.
    package var kind: String {
        type.split(separator: ":").last.map(String.init) ?? type
    }
}
