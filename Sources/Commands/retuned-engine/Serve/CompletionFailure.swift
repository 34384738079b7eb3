import HTTPListener
import HTTPTypes
import Hummingbird
import Values

/// An error as OpenAI's clients read it: `{"error": {"message", "type", "param", "code"}}`.
struct CompletionFailure: Error, Equatable, CustomStringConvertible {
    var status: HTTPResponse.Status
    var message: String
    var type: String
    /// The field of the request that it is about (`messages[0].role`).
    var field: String?
    var code: String?
    var retryAfterSeconds: Int?

    static func invalid(_ field: String?, _ message: String, code: String? = nil) -> CompletionFailure {
        CompletionFailure(
            status: .badRequest, message: field.map { "\($0): \(message)" } ?? message, type: "BadRequestError",
            field: field, code: code)
    }

    static func modelNotFound(_ name: String) -> CompletionFailure {
        CompletionFailure(
            status: .notFound, message: "The model `\(name)` does not exist.", type: "NotFoundError", field: "model",
            code: "model_not_found")
    }

    static func overloaded(_ message: String) -> CompletionFailure {
        CompletionFailure(
            status: .serviceUnavailable, message: message, type: "ServiceUnavailableError", code: "overloaded",
            retryAfterSeconds: 1)
    }

    var description: String { message }

    var json: JSONValue {
        [
            "error": [
                "message": .string(message), "type": .string(type), "param": field.map(JSONValue.string) ?? .null,
                "code": code.map(JSONValue.string) ?? .integer(Int64(status.code)),
            ]
        ]
    }

    var response: Response {
        var headers: HTTPFields = [:]
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        return .json(json.serialized, status: status, headers: headers)
    }
}
