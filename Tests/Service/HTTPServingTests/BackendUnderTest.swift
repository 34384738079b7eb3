import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import NIOCore
import Values

/// A serving back end for the gateway: answers as the test says, over real HTTP.
final class BackendUnderTest: Sendable {
    typealias Behaviour = @Sendable (_ body: JSONValue, _ request: Request) async throws -> Response

    private let behaviour: Locked<Behaviour>
    private let received = Locked<[(bytes: [UInt8], headers: HTTPFields)]>([])

    init() {
        behaviour = Locked { body, _ in
            Self.answer(id: "chatcmpl-1", model: body["model"]?.stringValue ?? "", text: "card arrival")
        }
    }

    var requests: [(bytes: [UInt8], headers: HTTPFields)] { received.withLock { $0 } }

    func behave(_ next: @escaping Behaviour) {
        behaviour.withLock { $0 = next }
    }

    var routes: Routes {
        let routes = Routes()
        routes.post("v1/chat/completions") { [self] request, context in
            let bytes = Array(try await context.collectBody().readableBytesView)
            received.withLock { $0.append((bytes, request.headers)) }
            let answer = behaviour.withLock { $0 }
            return try await answer(try JSONValue(parsing: bytes), request)
        }
        return routes
    }

    /// An answer in one piece.
    static func answer(id: String, model: String, text: String) -> Response {
        let value: JSONValue = [
            "id": .string(id), "object": "chat.completion", "model": .string(model),
            "choices": [
                [
                    "index": 0, "message": ["role": "assistant", "content": .string(text)], "finish_reason": "stop",
                    "logprobs": ["content": [["token": "a", "logprob": -0.5], ["token": "b", "logprob": -0.25]]],
                ]
            ], "usage": ["prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9],
        ]
        return .json(value.serialized, headers: [HTTPField.Name("x-ratelimit-remaining")!: "17"])
    }

    /// An event of a streamed answer.
    static func event(id: String, text: String, finish: String? = nil) -> String {
        let value: JSONValue = [
            "id": .string(id), "object": "chat.completion.chunk",
            "choices": [
                [
                    "index": 0, "delta": ["content": .string(text)],
                    "finish_reason": finish.map(JSONValue.string) ?? .null,
                ]
            ],
        ]
        return "data: \(String(decoding: value.serialized, as: UTF8.self))\n\n"
    }
}
