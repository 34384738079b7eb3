/// How a request's records are written.
package enum TrafficFormat: Sendable {
    /// One object, or an array of them.
    case json
    /// One object a line.
    case lines

    /// From the request's `Content-Type`; without one, JSON.
    package init(contentType: String?) throws(TrafficError) {
        let type = contentType?.split(separator: ";").first.map { Self.trimmed($0).lowercased() }
        switch type {
        case nil, "", "application/json": self = .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
            self = .lines
        default:
            throw TrafficError(
                kind: .mediaTypeUnsupported,
                detail: "Content-Type is \(type ?? ""). Send application/json (one object or an array) or "
                    + "application/x-ndjson (one object a line).")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.filter { $0 != " " && $0 != "\t" })
    }
}
