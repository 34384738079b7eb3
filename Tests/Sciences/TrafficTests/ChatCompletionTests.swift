import Testing
import Traffic
import Values

@Suite("Chat completions") struct ChatCompletionTests {
    static func request(_ text: String) throws -> ChatCompletionRequest {
        try ChatCompletionRequest(body: Array(text.utf8))
    }

    @Test func replacesOnlyTheModel() throws {
        let text =
            #"{ "temperature": 0.70, "model" : "support-en", "messages":[{"role":"user","content":"h\u0069 \"model\""}],"x":{"model":1}}"#
        let request = try Self.request(text)
        #expect(request.model == "support-en" && request.isTeachable && !request.isStreamed && request.user == nil)
        #expect(
            String(decoding: request.body(Array(text.utf8), withModel: #"a"v3"#), as: UTF8.self)
                == text.replacing(#""support-en""#, with: #""a\"v3""#))
        #expect(request.messages == [Message(role: "user", content: .text("hi \"model\""))])
    }

    @Test(arguments: [
        (#""tools":[]"#, false), (#""tools":null"#, true), (#""n":2"#, false), (#""n":1"#, true),
        (#""response_format":{"type":"json_object"}"#, false), (#""response_format":{"type":"text"}"#, true),
        (#""stream":true,"user":"u-1""#, true), (#""audio":{}"#, false),
    ])
    func saysWhatTeaches(member: String, expected: Bool) throws {
        let request = try Self.request(#"{"model":"m","messages":[{"role":"user","content":"x"}],\#(member)}"#)
        #expect(request.isTeachable == expected)
        if member.contains("stream") { #expect(request.isStreamed && request.user == "u-1") }
    }

    @Test func keepsWhatIsNotText() throws {
        let request = try Self.request(
            #"{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"t"}]},{"role":"tool","content":"4","tool_call_id":"t"},{"role":"user","content":[{"type":"text","text":"x"}]},7]}"#
        )
        #expect(!request.isTeachable)
        #expect(request.messages[0].content == .parts(["content": nil, "tool_calls": [["id": "t"]]]))
        #expect(request.messages[2].content == .parts([["type": "text", "text": "x"]]))
        #expect(request.messages[3] == Message(role: "unknown", content: .parts(7)))
        // A role may be anything, also what must not be kept.
        let odd = try Self.request(
            #"{"model":"m","messages":[{"role":"ann@example.org","content":"x"},{"role":"function","content":"y"}]}"#)
        #expect(odd.messages.map(\.role) == ["unknown", "function"] && !odd.isTeachable)
    }

    @Test(arguments: [
        "", "[]", "{", #"{"model":"m"}"#, #"{"messages":[{}]}"#, #"{"model":1,"messages":[{}]}"#,
        #"{"model":"m","messages":[]}"#,
    ])
    func refuses(text: String) {
        #expect(throws: TrafficError.self) { try Self.request(text) }
    }

    static let object = Array(
        #"{"id":"chatcmpl-1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"card arrival"},"finish_reason":"stop","logprobs":{"content":[{"token":"card","logprob":-0.5},{"token":" arrival","logprob":-0.25}]}}],"usage":{"prompt_tokens":21,"completion_tokens":2}}"#
            .utf8)

    static let events = """
        : comment\r
        data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\r
        \r
        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"card "},"logprobs":{"content":[{"logprob":-0.5}]}}]}

        data: not json

        event: x
        data:{"id":"chatcmpl-1","choices":[{"index":1,"delta":{"content":"NO"}},
        data: {"index":0,"delta":{"content":"arrival"},"logprobs":{"content":[{"logprob":-0.25}]},"finish_reason":"stop"}]}

        data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":2}}

        data: [DONE]


        """

    static var expected: ChatCompletionAnswer {
        var answer = ChatCompletionAnswer()
        answer.id = "chatcmpl-1"
        answer.model = "m"
        answer.text = "card arrival"
        answer.finishReason = "stop"
        answer.promptTokens = 21
        answer.completionTokens = 2
        answer.meanLogProbability = -0.375
        answer.hasChoice = true
        answer.isComplete = true
        return answer
    }

    @Test func readsAnObject() {
        var reader = ChatCompletionReader(contentType: "application/json")
        reader.append(Self.object[..<40])
        reader.append(Self.object[40...])
        #expect(reader.finish() == Self.expected)
    }

    @Test func readsEventsHoweverTheyAreCut() {
        let bytes = Array(Self.events.utf8)
        for size in [1, 2, 3, 7, 64, bytes.count] {
            var reader = ChatCompletionReader(contentType: "text/event-stream; charset=utf-8")
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(reader.id == "chatcmpl-1")
            #expect(reader.finish() == Self.expected)
        }
    }

    @Test func aStreamThatBreaksOffIsIncomplete() {
        var reader = ChatCompletionReader(contentType: "text/event-stream")
        reader.append(Array(#"data: {"choices":[{"index":0,"delta":{"content":"half"}}]}"#.utf8))
        let answer = reader.finish()
        #expect(answer.text == "half" && !answer.isComplete && !answer.isPlainText && answer.id == nil)
    }

    @Test(arguments: [#"{"choices":[{"index":0}]}"#, #"{"choices":[{"index":0,"message":null}]}"#, #"{"choices":[]}"#])
    func aChoiceWithoutAMessageIsNone(text: String) {
        var reader = ChatCompletionReader(contentType: "application/json")
        reader.append(Array(text.utf8))
        #expect(!reader.finish().hasChoice)
    }

    @Test func boundsWhatItHolds() {
        var reader = ChatCompletionReader(contentType: "text/event-stream", maximumBytes: 100)
        for _ in 0..<1000 {
            reader.append(Array("data: {\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n".utf8))
        }
        reader.append(Array(repeating: 65, count: 100_000))
        let answer = reader.finish()
        #expect(answer.text.count <= 100 && !answer.isPlainText)
        var body = ChatCompletionReader(contentType: nil, maximumBytes: 100)
        body.append(Self.object)
        #expect(!body.finish().isComplete)
    }

    @Test func readsErrorsAndToolCalls() {
        var reader = ChatCompletionReader(contentType: nil)
        reader.append(Array(#"{"error":{"message":"no such model","code":404}}"#.utf8))
        #expect(reader.finish().error == "no such model")
        reader = ChatCompletionReader(contentType: nil)
        reader.append(
            Array(#"{"choices":[{"message":{"content":null,"tool_calls":[{}]},"finish_reason":"tool_calls"}]}"#.utf8))
        #expect(!reader.finish().isPlainText)
    }
}
