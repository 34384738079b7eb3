import OutboundHTTP
import Values

/// A client of an HTTP service: an address or a Unix socket, and a token.
struct ServiceClient: Sendable {
    private let http: HTTPClient
    private let base: String
    private let socket: String?
    private let token: String?

    init(http: HTTPClient, base: String, socket: String? = nil, token: String? = nil) {
        self.http = http
        self.base = base
        self.socket = socket
        self.token = token
    }

    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Any answer, whatever its status.
    func call(
        _ method: String, _ path: String, body: [UInt8] = [], contentType: String = "application/json",
        seconds: Int = 120
    ) async throws -> Answer {
        var headers: HeaderFields = [:]
        if let token { headers["authorization"] = "Bearer \(token)" }
        if !body.isEmpty { headers["content-type"] = contentType }
        let answer = try await http.fetch(
            OutboundRequest(
                method: method, url: base + path, unixSocketPath: socket, headers: headers, body: body,
                deadlines: .init(total: .seconds(seconds))), upTo: 256 << 20)
        return Answer(status: answer.status, headers: answer.headers, body: answer.body)
    }

    /// The JSON of a 2xx answer; nil for 404.
    func read(_ path: String) async throws -> JSONValue? {
        let answer = try await call("GET", path)
        if answer.status == 404 { return nil }
        guard (200..<300).contains(answer.status) else {
            throw DemoFailure("GET \(path) was answered \(answer.status): \(answer.text.prefix(300))")
        }
        return try JSONValue(parsing: answer.body)
    }

    /// All lines of a paged NDJSON route; `retuned-next` says where the next page begins.
    func lines(_ path: String) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        var after = "0"
        while true {
            let page = try await call("GET", path + "?after=\(after)&limit=1000")
            guard page.status == 200 else {
                throw DemoFailure("GET \(path) was answered \(page.status): \(page.text.prefix(300))")
            }
            let rows = try page.body.split(separator: 10).map { try JSONValue(parsing: Array($0)) }
            all += rows
            guard !rows.isEmpty, let next = page.headers["retuned-next"], next != after else { return all }
            after = next
        }
    }

    /// Posts JSON and returns the JSON of a 2xx answer.
    @discardableResult
    func post(_ path: String, _ value: JSONValue) async throws -> JSONValue {
        let answer = try await call("POST", path, body: value.serialized)
        guard (200..<300).contains(answer.status) else {
            throw DemoFailure("POST \(path) was answered \(answer.status): \(answer.text.prefix(400))")
        }
        return answer.body.isEmpty ? .null : (try? JSONValue(parsing: answer.body)) ?? .string(answer.text)
    }
}
