import Locking
import LoopbackServer
import OutboundHTTP
import Serving
import Testing
import Values

@Suite("Asking a serving back end again")
struct ServingClientTests {
    private static let messages = [
        ChatTurn(role: "system", content: "be brief"), ChatTurn(role: "user", content: "where is \"it\"?"),
    ]

    private static func complete(answering status: Int, _ body: String, seen: Locked<[Request]> = Locked([]))
        async throws -> String
    {
        let server = try LoopbackServer { request in
            seen.withLock { $0.append(request) }
            return (status, body)
        }
        defer { server.close() }
        let client = ServingClient(address: ServingAddress(server.url), client: HTTPClient())
        return try await client.complete(messages, model: "support-v2", mostTokens: 40)
    }

    @Test("What is asked, greedily, and the text that comes back")
    func answered() async throws {
        let seen = Locked<[Request]>([])
        let text = try await Self.complete(
            answering: 200, #"{"choices":[{"message":{"role":"assistant","content":"there"}}]}"#, seen: seen)
        #expect(text == "there")
        let request = try #require(seen.withLock { $0.first })
        #expect(request.method == "POST" && request.target == "/v1/chat/completions")
        #expect(
            try JSONValue(parsing: request.body) == [
                "model": "support-v2",
                "messages": [
                    ["role": "system", "content": "be brief"], ["role": "user", "content": "where is \"it\"?"],
                ], "temperature": 0, "max_tokens": 40,
            ])
    }

    /// What is wrong with the query itself stays wrong; everything else is asked again.
    @Test(
        "Which faults are final",
        arguments: [(400, false), (413, false), (422, false), (404, true), (429, true), (500, true), (503, true)])
    func refused(status: Int, isRetryable: Bool) async throws {
        let fault = await #expect(throws: ServingFault.self) {
            try await Self.complete(answering: status, "no")
        }
        #expect(fault?.isRetryable == isRetryable)
        #expect(fault?.description.contains("\(status)") == true)
    }

    /// Who sees the trouble is not always somebody who may see queries.
    @Test("A body that repeats the query is not told")
    func secret() async throws {
        let fault = await #expect(throws: ServingFault.self) {
            try await Self.complete(answering: 500, "cannot do: where is it?")
        }
        #expect(fault?.description == "asking a query again: the serving back end answered 500")
    }

    @Test(
        "An answer without a text is none; one without a choice is no answer yet",
        arguments: [("{}", true), ("no", true), (#"{"choices":[{"message":{"content":null}}]}"#, false)])
    func wordless(body: String, isRetryable: Bool) async throws {
        let fault = await #expect(throws: ServingFault.self) { try await Self.complete(answering: 200, body) }
        #expect(fault?.isRetryable == isRetryable)
    }

    @Test("Log-probabilities of a greedy answer; none where the server gives none")
    func logProbabilities() async throws {
        for (body, expected) in [
            (#"{"choices":[{"logprobs":{"content":[{"logprob":-0.5},{"logprob":-2}]}}]}"#, [-0.5, -2]),
            (#"{"choices":[{"logprobs":null,"message":{"content":"a"}}]}"#, nil),
        ] {
            let seen = Locked<[Request]>([])
            let server = try LoopbackServer { request in
                seen.withLock { $0.append(request) }
                return (200, body)
            }
            defer { server.close() }
            let client = ServingClient(address: ServingAddress(server.url), client: HTTPClient())
            #expect(
                try await client.logProbabilities(of: Self.messages, model: "support", mostTokens: 32) == expected)
            let asked = try JSONValue(parsing: try #require(seen.withLock { $0.first }).body)
            #expect(asked["logprobs"] == true && asked["max_tokens"] == 32 && asked["temperature"] == 0)
        }
    }
}
