package import HTTPTypes
package import Hummingbird
package import Values

/// An error as the API answers it: RFC 9457, `application/problem+json`. Routes throw it.
package struct Problem: HTTPResponseError, Equatable, CustomStringConvertible {
    package var status: HTTPResponse.Status
    /// Last word of `type`, which is `urn:retuned:problem:KIND`: stable, for programs.
    package var kind: String
    /// The kind in words, the same at each occurrence.
    package var title: String
    /// What was wrong, where, and what to do.
    package var detail: String
    /// Index of the record of a batch that it is about.
    package var record: Int?
    /// Path of the field that it is about (`messages[0].role`).
    package var field: String?
    /// Further header fields of the answer (`Retry-After`, `Allow`).
    package var headers: HTTPFields

    package init(
        _ status: HTTPResponse.Status, kind: String, title: String, detail: String, record: Int? = nil,
        field: String? = nil, headers: HTTPFields = [:]
    ) {
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.record = record
        self.field = field
        self.headers = headers
    }

    package var type: String { "urn:retuned:problem:\(kind)" }

    package var description: String { "\(status.code) \(kind): \(detail)" }

    /// As JSON, also for the results of a batch.
    package var json: JSONValue {
        var members: [JSONObject.Member] = [
            .init(name: "type", value: .string(type)), .init(name: "title", value: .string(title)),
            .init(name: "status", value: .integer(Int64(status.code))), .init(name: "detail", value: .string(detail)),
        ]
        if let record { members.append(.init(name: "record", value: .integer(Int64(record)))) }
        if let field { members.append(.init(name: "field", value: .string(field))) }
        return .object(JSONObject(members))
    }

    /// The body.
    package var serialized: [UInt8] { json.serialized }

    package var response: Response {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: .init(byteBuffer: .init(bytes: serialized)))
    }

    package func response(from request: Request, context: some RequestContext) -> Response {
        response
    }
}
