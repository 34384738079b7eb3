import API
package import OutboundHTTP
import Values

/// The daemon's API as the command calls it: over the Unix socket, or over HTTP with a token.
package struct ControlClient: Sendable {
    /// Where the daemon is reached: over its Unix socket, where the kernel says who asks, or at a base URL, with the
    /// bearer token where there is one.
    package enum Endpoint: Equatable, Sendable {
        case socket(path: String)
        case url(String, token: String?)
    }

    package let endpoint: Endpoint
    private let http: HTTPClient

    package init(endpoint: Endpoint) {
        self.endpoint = endpoint
        http = HTTPClient(configuration: .init(userAgent: "retunectl"))
    }

    /// An answer whose status is no success throws what it says; see `ControlFailure`.
    package func send(
        _ method: String = "GET", _ path: String, body: [UInt8] = [], contentType: String = "application/json"
    ) async throws(ControlFailure) -> [UInt8] {
        let answer = try await exchange(method, path, body: body, contentType: contentType)
        guard (200..<300).contains(answer.status) else {
            throw ControlFailure(status: answer.status, body: answer.body)
        }
        return answer.body
    }

    /// An answer of any status.
    package func exchange(
        _ method: String, _ path: String, body: [UInt8], contentType: String
    ) async throws(ControlFailure) -> (status: Int, headers: HeaderFields, body: [UInt8]) {
        var request: OutboundRequest
        switch endpoint {
        case .socket(let socket):
            request = OutboundRequest(method: method, url: "http://localhost\(path)", unixSocketPath: socket)
        case .url(let base, let token):
            let root = base.hasSuffix("/") ? String(base.dropLast()) : base
            request = OutboundRequest(method: method, url: root + path)
            if let token { request.headers["authorization"] = "Bearer \(token)" }
        }
        request.headers["accept"] = "application/json"
        if !body.isEmpty {
            request.headers["content-type"] = contentType
            request.body = body
        }
        request.deadlines = .init(connect: .seconds(5), total: .seconds(120))
        do {
            return try await http.fetch(request, upTo: 256 << 20)
        } catch {
            throw ControlFailure(.unreachable, Self.unreachable(error, endpoint: endpoint))
        }
    }

    package func decoded<Answer: Decodable>(_ type: Answer.Type, _ path: String) async throws(ControlFailure) -> Answer
    {
        try Self.decode(type, try await send("GET", path))
    }

    package static func decode<Answer: Decodable>(
        _ type: Answer.Type, _ bytes: [UInt8]
    ) throws(ControlFailure) -> Answer {
        do {
            return try StrictJSON.decode(type, parsing: bytes, ignoringUnknownFields: true)
        } catch {
            throw ControlFailure(
                .unavailable,
                "the answer is not what this version of retunectl reads (\(error)); use --json to see it as it is")
        }
    }

    /// A path's segment or a query's value, with everything escaped that is not unreserved (RFC 3986).
    package static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    private static func unreachable(_ error: OutboundHTTPError, endpoint: Endpoint) -> String {
        guard case .socket(let path) = endpoint else { return "\(error)" }
        switch error {
        case .connectionRefused, .connectionFailed:
            return "no connection to the socket \(path): is the daemon running, and may you use it "
                + "(root, the daemon's user, or a group of operatorGroups)? Another socket: --socket, another host: --url"
        default: return "\(error) (socket \(path))"
        }
    }
}
