import Values

/// Reads an answer of `POST /v1/chat/completions` as its bytes pass by, as one JSON object or as server-sent events.
/// It holds at most `maximumBytes` of an answer; what is longer is passed on by the gateway all the same, but the
/// row that is logged says so and does not teach. Malformed parts are passed over.
package struct ChatCompletionReader: Sendable {
    private var answer = ChatCompletionAnswer()
    private let isStream: Bool
    private let maximumBytes: Int
    /// The body so far (one object), or the line so far (events).
    private var pending: [UInt8] = []
    /// The data lines of the event so far.
    private var event: [UInt8] = []
    private var isTooLong = false
    private var lastWasReturn = false
    private var logProbabilitySum = 0.0
    private var logProbabilityCount = 0

    /// `contentType` is the answer's header.
    package init(contentType: String?, maximumBytes: Int = 1_048_576) {
        isStream = contentType?.lowercased().hasPrefix("text/event-stream") ?? false
        self.maximumBytes = maximumBytes
    }

    /// The id, once it was seen: in a stream it comes with the first event.
    package var id: String? { answer.id }

    /// Reads the next bytes of the body, cut anywhere.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        guard isStream else {
            keep(bytes)
            return
        }
        for byte in bytes {
            switch byte {
            case 0x0A:
                if !lastWasReturn { endLine() }
            case 0x0D: endLine()
            default:
                if pending.count < maximumBytes { pending.append(byte) } else { isTooLong = true }
            }
            lastWasReturn = byte == 0x0D
        }
    }

    /// What was read, after the last byte.
    package mutating func finish() -> ChatCompletionAnswer {
        if isStream {
            if !pending.isEmpty { endLine() }
            endEvent()
        } else if !isTooLong, let value = try? JSONValue(parsing: pending) {
            read(value, text: "message")
            answer.isComplete = true
        }
        answer.isTooLong = isTooLong
        if isTooLong || !answer.isComplete { answer.isPlainText = false }
        if logProbabilityCount > 0 { answer.meanLogProbability = logProbabilitySum / Double(logProbabilityCount) }
        return answer
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        guard !isTooLong, pending.count + bytes.count <= maximumBytes else {
            isTooLong = true
            pending = []
            return
        }
        pending.append(contentsOf: bytes)
    }

    // MARK: Server-sent events (WHATWG HTML, 9.2.6)

    private mutating func endLine() {
        defer { pending.removeAll(keepingCapacity: true) }
        if pending.isEmpty {
            endEvent()
            return
        }
        guard pending.starts(with: Self.data) else { return }
        var value = pending[Self.data.count...]
        if value.first == 0x20 { value = value.dropFirst() }
        guard event.count + value.count <= maximumBytes else {
            isTooLong = true
            return
        }
        if !event.isEmpty { event.append(0x0A) }
        event.append(contentsOf: value)
    }

    private static let data = Array("data:".utf8)

    private mutating func endEvent() {
        defer { event.removeAll(keepingCapacity: true) }
        if event.isEmpty { return }
        if event.elementsEqual("[DONE]".utf8) {
            answer.isComplete = true
        } else if let value = try? JSONValue(parsing: event) {
            read(value, text: "delta")
        }
    }

    // MARK: Objects

    /// `text` is the member of a choice that holds its text: `message`, or `delta` in a stream.
    private mutating func read(_ value: JSONValue, text: String) {
        if answer.id == nil, let id = value["id"]?.stringValue, !id.isEmpty, id.utf8.count <= 200 { answer.id = id }
        if answer.model == nil { answer.model = value["model"]?.stringValue }
        if let error = value["error"], error != .null {
            answer.error = error["message"]?.stringValue ?? error.stringValue ?? error.text
        } else if value["object"]?.stringValue == "error" {
            answer.error = value["message"]?.stringValue ?? "error"
        }
        if let count = value["usage"]?["prompt_tokens"]?.intValue, count >= 0 { answer.promptTokens = count }
        if let count = value["usage"]?["completion_tokens"]?.intValue, count >= 0 { answer.completionTokens = count }
        for choice in value["choices"]?.arrayValue ?? [] where (choice["index"]?.intValue ?? 0) == 0 {
            read(choice: choice, text: text)
        }
    }

    private mutating func read(choice: JSONValue, text: String) {
        // A choice without a message answers nobody.
        if case .object? = choice[text] { answer.hasChoice = true }
        if let reason = choice["finish_reason"]?.stringValue {
            answer.finishReason = reason
            if reason != "stop" { answer.isPlainText = false }
        }
        let message = choice[text]
        if let content = message?["content"]?.stringValue {
            if answer.text.utf8.count + content.utf8.count <= maximumBytes {
                answer.text += content
            } else {
                isTooLong = true
            }
        }
        for name in ["tool_calls", "function_call", "audio", "refusal"] where (message?[name] ?? .null) != .null {
            if message?[name]?.arrayValue?.isEmpty != true { answer.isPlainText = false }
        }
        for token in choice["logprobs"]?["content"]?.arrayValue ?? [] {
            guard let value = token["logprob"]?.doubleValue else { continue }
            logProbabilitySum += value
            logProbabilityCount += 1
        }
    }
}
