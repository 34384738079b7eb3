import HTTPTypes
import OutboundHTTP

/// Which header fields go through the gateway: all but those of one connection (RFC 9110, 7.6.1), those that are for us
/// alone, and those that the length or coding of the forwarded body makes untrue.
enum GatewayHeaders {
    static let unit = HTTPField.Name("retuned-unit")!
    static let conversation = HTTPField.Name("retuned-conversation")!
    static let interaction = HTTPField.Name("retuned-interaction")!
    static let adapter = HTTPField.Name("retuned-adapter")!
    static let logged = HTTPField.Name("retuned-logged")!

    private static let connection: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "http2-settings",
    ]
    private static let ours: Set<String> = [
        "authorization", "x-api-key", "cookie", "host", "content-length", "content-encoding", "accept-encoding",
        "expect", "x-forwarded-for", "forwarded",
    ]

    /// The request's fields as they go to the back end.
    static func forwarded(_ fields: HTTPFields) -> HeaderFields {
        let named = named(fields[.connection])
        var result = HeaderFields()
        for field in fields {
            let name = field.name.canonicalName
            if connection.contains(name) || ours.contains(name) || named.contains(name) { continue }
            if name.hasPrefix("retuned-") { continue }
            result.append(field.name.rawName, field.value)
        }
        return result
    }

    /// The answer's fields as they go to the caller.
    static func returned(_ fields: HeaderFields) -> HTTPFields {
        let named = named(fields["connection"])
        var result = HTTPFields()
        for field in fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            let canonical = name.canonicalName
            if connection.contains(canonical) || named.contains(canonical) { continue }
            if canonical == "date" || canonical == "server" || canonical.hasPrefix("retuned-") { continue }
            result.append(HTTPField(name: name, value: field.value))
        }
        return result
    }

    private static func named(_ value: String?) -> Set<String> {
        Set((value ?? "").split(separator: ",").map { $0.filter { $0 != " " }.lowercased() })
    }
}
