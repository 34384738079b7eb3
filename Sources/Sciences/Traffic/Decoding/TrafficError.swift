/// Why a request or one of its records is not accepted; becomes a problem document (RFC 9457).
package struct TrafficError: Error, CustomStringConvertible, Equatable, Sendable {
    /// The last part of the problem's type, `urn:retuned:problem:<kind>`.
    package enum Kind: String, Sendable, CaseIterable {
        case jsonInvalid = "json-invalid"
        case mediaTypeUnsupported = "media-type-unsupported"
        case recordsMissing = "records-missing"
        case recordsTooMany = "records-too-many"
        case fieldMissing = "field-missing"
        case fieldType = "field-type"
        case fieldUnknown = "field-unknown"
        case fieldInvalid = "field-invalid"
        case fieldTooLarge = "field-too-large"
        case deploymentUnknown = "deployment-unknown"
        case scaleUnknown = "scale-unknown"

        package var title: String {
            switch self {
            case .jsonInvalid: "The body is not the JSON that is read here"
            case .mediaTypeUnsupported: "The media type is not read here"
            case .recordsMissing: "The body holds no record"
            case .recordsTooMany: "The body holds too many records"
            case .fieldMissing: "A field is missing"
            case .fieldType: "A field has the wrong type"
            case .fieldUnknown: "A field is not known"
            case .fieldInvalid: "A field's value is not allowed"
            case .fieldTooLarge: "A field is too large"
            case .deploymentUnknown: "The deployment is not known"
            case .scaleUnknown: "The scale is not known"
            }
        }

        /// HTTP status of the problem.
        package var status: Int {
            switch self {
            case .recordsTooMany, .fieldTooLarge: 413
            case .mediaTypeUnsupported: 415
            default: 400
            }
        }
    }

    package var kind: Kind
    /// A sentence: what is wrong, where, and what to do.
    package var detail: String
    /// Index of the record in the request, from 0.
    package var record: Int?
    /// Path of the field in its record, for example `messages[0].role`.
    package var field: String?

    package init(kind: Kind, detail: String, record: Int? = nil, field: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.record = record
        self.field = field
    }

    package var title: String { kind.title }
    package var status: Int { kind.status }
    package var description: String { detail }
}
