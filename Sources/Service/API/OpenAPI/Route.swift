/// One route of the daemon: what it reads, answers and asks of the caller.
package struct Route: Sendable {
    /// The methods that routes use; GET answers HEAD too.
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    /// How a body is written.
    package enum Media: String, Sendable {
        case json = "application/json"
        /// One object a line.
        case lines = "application/x-ndjson"
        case text = "text/plain"
    }

    /// A parameter of the query string, which may always be left out: an integer or a string, explained in a sentence.
    package struct Query: Sendable {
        package var name: String
        package var isInteger: Bool
        package var explanation: String
    }

    package var method: Method
    /// With parameters in braces, as OpenAPI and the router write them.
    package var path: String
    /// Nil: nobody is asked for a token.
    package var scope: Scope?
    package var summary: String
    /// Body of the request; nil for none.
    package var request: (any (Decodable & Sendable).Type)?
    /// True where an array of the objects or a line each is taken too.
    package var takesBatch = false
    /// True where the body is another party's form and passed on, and only its media type is known.
    package var isOpen = false
    package var response: (any (Decodable & Sendable).Type)?
    package var responseMedia = Media.json
    package var status = 200
    /// Statuses that carry a problem, beside 401 and 403 where a token is asked for.
    package var problems: [Int] = []
    /// Whether the answer carries an `ETag`, and `If-None-Match` is heeded.
    package var isCached = false
    package var query: [Query] = []
    /// What the errors are written as.
    package var failure: any (Decodable & Sendable).Type = Problem.self

    /// Names of the path's parameters in their order.
    package var parameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
