package import HTTPTypes
package import Hummingbird

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

    /// The body.
    package var serialized: [UInt8] {
        var text = "{\"type\":\(quoted(type)),\"title\":\(quoted(title)),\"status\":\(status.code)"
        text += ",\"detail\":\(quoted(detail))"
        if let record { text += ",\"record\":\(record)" }
        if let field { text += ",\"field\":\(quoted(field))" }
        text += "}"
        return Array(text.utf8)
    }

    package var response: Response {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: .init(byteBuffer: .init(bytes: serialized)))
    }

    package func response(from request: Request, context: some RequestContext) -> Response {
        response
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
