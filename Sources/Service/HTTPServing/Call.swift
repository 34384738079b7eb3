import API
import HTTPListener
import HTTPTypes
import Hummingbird
import NIOCore
import Values

/// One request on its way through a route.
struct Call: Sendable {
    var request: Request
    var context: ListenerContext
    var caller: Caller

    /// A parameter of the path.
    func parameter(_ name: String) throws -> String {
        guard let value = context.parameters.get(name) else {
            throw ListenerProblem.badRequest("The path's part {\(name)} is missing.")
        }
        return value
    }

    func query(_ name: String) -> String? { request.uri.queryParameters[Substring(name)].map(String.init) }

    /// A whole number of the query, not negative.
    func number(_ name: String) throws -> Int64? {
        guard let text = query(name) else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw ListenerProblem.badRequest("The query's \(name) must be a whole number from 0, but is ‘\(text)’.")
        }
        return number
    }

    /// `true` or `false` of the query; false where it is absent.
    func flag(_ name: String) throws -> Bool {
        switch query(name) {
        case nil, "false": return false
        case "true": return true
        case .some(let text):
            throw ListenerProblem.badRequest("The query's \(name) must be true or false, but is ‘\(text)’.")
        }
    }

    func body(limit: Int? = nil) async throws -> [UInt8] {
        Array(try await context.collectBody(limit: limit).readableBytesView)
    }

    /// The body as an object of the interface. Throws a 400 that names the field.
    func object<Object: Decodable>(_ type: Object.Type) async throws -> Object {
        do {
            return try StrictJSON.decode(type, parsing: try await body())
        } catch let error as JSONSyntaxError {
            throw ListenerProblem(
                .badRequest, kind: "json-invalid", title: "The body is not JSON.", detail: "\(error)")
        } catch let error as StrictJSONError {
            let kind =
                switch error.kind {
                case .missing: "field-missing"
                case .wrongType: "field-type"
                case .unknownField: "field-unknown"
                case .invalid: "field-invalid"
                }
            throw ListenerProblem(
                .badRequest, kind: kind, title: "The body is not what is read here.", detail: "\(error)",
                field: error.path)
        }
    }
}

extension Response {
    /// An object of the interface.
    static func object(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        .json(try StrictJSON.encodeBytes(value), status: status, headers: headers)
    }

    /// A page of objects, one a line.
    static func lines(_ rows: [some Encodable], headers: HTTPFields = [:]) throws -> Response {
        var bytes: [UInt8] = []
        for row in rows {
            bytes += try StrictJSON.encodeBytes(row)
            bytes.append(0x0A)
        }
        return .data(bytes, contentType: "application/x-ndjson", headers: headers)
    }
}
