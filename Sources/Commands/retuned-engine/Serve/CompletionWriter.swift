import HTTPTypes
import Transformer
import Values

/// Writes an answer as OpenAI's `chat.completion`, or as its stream of chunks.
struct CompletionWriter: Sendable {
    let identifier: String
    let created: Int64
    let model: String
    let tokenizer: Tokenizer
    let promptTokens: Int
    let reportsTokens: Bool

    static let notFinite = CompletionFailure(
        status: .internalServerError,
        message: "The model gave numbers that are not finite; the adapter or the base is broken.",
        type: "InternalServerError")
    static let stopping = CompletionFailure.overloaded("The server is stopping.")

    /// The whole answer.
    func whole(_ events: AsyncStream<AnswerEvent>) async throws -> JSONValue {
        var text = ""
        var tokens: [ReportedToken] = []
        for await event in events {
            switch event {
            case .text(let part, let new):
                text += part
                tokens += new
            case .failed:
                throw Self.notFinite
            case .finished(let ending, let count):
                let choice: JSONValue = [
                    "index": 0, "message": ["role": "assistant", "content": .string(text)],
                    "logprobs": logProbabilities(tokens), "finish_reason": .string(ending.rawValue),
                ]
                return [
                    "id": .string(identifier), "object": "chat.completion", "created": .integer(created),
                    "model": .string(model), "choices": [choice], "usage": usage(count),
                ]
            }
        }
        try Task.checkCancellation()
        throw Self.stopping
    }

    /// Chunks as they come, then `[DONE]`.
    func stream(
        _ events: AsyncStream<AnswerEvent>, includingUsage: Bool, _ send: (String) async throws -> Void
    ) async throws {
        func chunk(_ choices: JSONValue, usage: JSONValue? = nil) -> String {
            var members: [JSONObject.Member] = [
                .init(name: "id", value: .string(identifier)),
                .init(name: "object", value: "chat.completion.chunk"),
                .init(name: "created", value: .integer(created)), .init(name: "model", value: .string(model)),
                .init(name: "choices", value: choices),
            ]
            if includingUsage { members.append(.init(name: "usage", value: usage ?? .null)) }
            return String(decoding: JSONValue.object(JSONObject(members)).serialized, as: UTF8.self)
        }
        func choice(_ delta: JSONValue, _ tokens: [ReportedToken]?, ending: String? = nil) -> JSONValue {
            [
                [
                    "index": 0, "delta": delta, "logprobs": tokens.map(logProbabilities) ?? .null,
                    "finish_reason": ending.map(JSONValue.string) ?? .null,
                ]
            ]
        }
        try await send(chunk(choice(["role": "assistant", "content": ""], nil)))
        for await event in events {
            switch event {
            case .text(let text, let tokens):
                try await send(chunk(choice(["content": .string(text)], tokens)))
            case .failed:
                try await send(String(decoding: Self.notFinite.json.serialized, as: UTF8.self))
                return try await send("[DONE]")
            case .finished(let ending, let count):
                try await send(chunk(choice([:], nil, ending: ending.rawValue)))
                if includingUsage { try await send(chunk([], usage: usage(count))) }
                return try await send("[DONE]")
            }
        }
        try Task.checkCancellation()
        // The head has been sent: only a cut connection tells the client.
        throw Self.stopping
    }

    private func usage(_ completionTokens: Int) -> JSONValue {
        [
            "prompt_tokens": .integer(Int64(promptTokens)), "completion_tokens": .integer(Int64(completionTokens)),
            "total_tokens": .integer(Int64(promptTokens + completionTokens)),
        ]
    }

    private func logProbabilities(_ tokens: [ReportedToken]) -> JSONValue {
        guard reportsTokens else { return .null }
        return [
            "content": .array(
                tokens.map { token in
                    var members = entry(token.id, token.logProbability)
                    members.append(
                        .init(
                            name: "top_logprobs",
                            value: .array(
                                token.top.map { .object(JSONObject(entry($0.id, $0.logProbability))) })))
                    return .object(JSONObject(members))
                })
        ]
    }

    private func entry(_ id: Int, _ logProbability: Float) -> [JSONObject.Member] {
        let bytes = tokenizer.tokenBytes(id)
        return [
            .init(name: "token", value: .string(String(decoding: bytes, as: UTF8.self))),
            // JSON has no infinity; OpenAI writes -9999 for it.
            .init(name: "logprob", value: .number(logProbability.isFinite ? Double(logProbability) : -9999)),
            .init(name: "bytes", value: .array(bytes.map { .integer(Int64($0)) })),
        ]
    }
}
