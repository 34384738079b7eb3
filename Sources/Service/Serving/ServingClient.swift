package import Contracts
package import OutboundHTTP
import Values

/// The serving contract over HTTP: vLLM's routes, which `retuned-engine serve` speaks too.
package struct ServingClient: ServingBackend {
    private let address: ServingAddress
    private let client: HTTPClient

    private static let deadlines = OutboundRequest.Deadlines(connect: .seconds(2), total: .seconds(30))
    /// The list of models is asked for first and costs a server nothing: one that hangs is known as such soon.
    private static let listDeadlines = OutboundRequest.Deadlines(connect: .seconds(2), total: .seconds(5))
    /// A server on CPUs takes minutes for hundreds of tokens.
    private static let completionDeadlines = OutboundRequest.Deadlines(connect: .seconds(2), total: .seconds(180))
    private static let largestAnswer = 4 << 20

    package init(address: ServingAddress, client: HTTPClient) {
        self.address = address
        self.client = client
    }

    package func models() async throws -> ModelList {
        let (status, body) = try await call("GET", "/v1/models", deadlines: Self.listDeadlines)
        guard status == 200 else { throw refusal("GET /v1/models", status, body) }
        return try StrictJSON.decode(ModelList.self, parsing: body, ignoringUnknownFields: true)
    }

    package func load(_ name: String, folder: String) async throws {
        let request = LoadAdapterRequest(name: name, path: folder)
        let (status, body) = try await call("POST", "/v1/load_lora_adapter", try StrictJSON.encodeBytes(request))
        let text = String(decoding: body.prefix(2000), as: UTF8.self)
        guard status == 200 || status == 400 && text.contains("already") else {
            throw refusal("loading \(name)", status, body)
        }
    }

    package func unload(_ name: String) async throws {
        let request = UnloadAdapterRequest(name: name)
        let (status, body) = try await call("POST", "/v1/unload_lora_adapter", try StrictJSON.encodeBytes(request))
        guard status == 200 || status == 404 || status == 400 else { throw refusal("unloading \(name)", status, body) }
    }

    package func logProbabilities(
        of messages: [ChatTurn], model: String, mostTokens: Int
    ) async throws -> [Double]? {
        var request = Self.greedy(messages, model: model, mostTokens: mostTokens)
        request["logprobs"] = .bool(true)
        let choice = try await choice(request, "asking \(model) for log-probabilities", deadlines: Self.deadlines)
        return choice["logprobs"]?["content"]?.arrayValue?.compactMap { $0["logprob"]?.doubleValue }
    }

    package func complete(_ messages: [ChatTurn], model: String, mostTokens: Int) async throws -> String {
        let request = Self.greedy(messages, model: model, mostTokens: mostTokens)
        let choice = try await choice(request, "asking a query again", deadlines: Self.completionDeadlines)
        guard let text = choice["message"]?["content"]?.stringValue else {
            throw ServingFault(isRetryable: false, "the serving back end answered without a text")
        }
        return text
    }

    /// The first choice of a completion.
    private func choice(
        _ request: JSONObject, _ what: String, deadlines: OutboundRequest.Deadlines
    ) async throws -> JSONValue {
        let (status, body) = try await call(
            "POST", "/v1/chat/completions", JSONValue.object(request).serialized, deadlines: deadlines)
        guard status == 200 else {
            // What is wrong with the query itself stays wrong; a model that is not there yet, say, does not. The body may hold
            // the query, which is not for everybody who sees the trouble.
            throw ServingFault(
                isRetryable: ![400, 413, 422].contains(status), "\(what): the serving back end answered \(status)")
        }
        guard let choice = try? JSONValue(parsing: body)["choices"]?.arrayValue?.first else {
            throw ServingFault(isRetryable: true, "\(what): the serving back end answered without a choice")
        }
        return choice
    }

    private static func greedy(_ messages: [ChatTurn], model: String, mostTokens: Int) -> JSONObject {
        var request = JSONObject()
        request["model"] = .string(model)
        request["messages"] = .array(
            messages.map {
                .object(
                    JSONObject([
                        .init(name: "role", value: .string($0.role)),
                        .init(name: "content", value: .string($0.content)),
                    ]))
            })
        request["temperature"] = .integer(0)
        request["max_tokens"] = .integer(Int64(mostTokens))
        return request
    }

    private func call(
        _ method: String, _ path: String, _ body: [UInt8] = [], deadlines: OutboundRequest.Deadlines = Self.deadlines
    ) async throws -> (Int, [UInt8]) {
        var headers = HeaderFields()
        if !body.isEmpty { headers["content-type"] = "application/json" }
        let request = address.request(
            method: method, path: path, headers: headers, body: body, deadlines: deadlines,
            maximumResponseBytes: Self.largestAnswer)
        do {
            let response = try await client.send(request)
            return (response.status, try await response.collect(upTo: Self.largestAnswer))
        } catch {
            throw ServingFault(isRetryable: true, "the serving back end does not answer: \(error)")
        }
    }

    private func refusal(_ what: String, _ status: Int, _ body: [UInt8]) -> ServingFault {
        let text = String(decoding: body.prefix(300), as: UTF8.self)
        return ServingFault(isRetryable: status >= 500, "\(what): the serving back end answered \(status): \(text)")
    }
}
