import Transformer
import Values

/// The body of `POST /v1/chat/completions`, as far as this engine answers it.
///
/// Fields that it does not know are ignored, as servers of this interface do; those that it knows and cannot honour
/// (several choices, penalties, tools, response formats) are refused by name where they ask for something.
struct CompletionRequest: Equatable {
    var model: String
    var messages: [ChatMessage]
    var stream: Bool
    var includesUsage: Bool
    var temperature: Float
    var topProbability: Float
    var maximumTokens: Int?
    var seed: UInt64?
    var stops: [String]
    /// Number of alternatives reported for each token; nil: no log-probabilities at all.
    var topLogProbabilities: Int?

    init(parsing bytes: [UInt8]) throws {
        let body: JSONValue
        do {
            body = try JSONValue(parsing: bytes)
        } catch {
            throw CompletionFailure.invalid(nil, "The body is no JSON text: \(error)")
        }
        guard body.objectValue != nil else { throw CompletionFailure.invalid(nil, "The body must be a JSON object.") }
        let fields = CompletionFields(body: body)
        try fields.refuseUnsupported()
        guard let model = try fields.string("model") else { throw CompletionFailure.invalid("model", "is missing") }
        self.model = model
        messages = try fields.messages
        stream = try fields.bool("stream") ?? false
        includesUsage = try fields.includesUsage
        temperature = Float(try fields.number("temperature", in: 0...2) ?? 1)
        topProbability = Float(try fields.number("top_p", in: 0...1) ?? 1)
        maximumTokens =
            try fields.integer("max_completion_tokens", in: 1...1_000_000)
            ?? fields.integer("max_tokens", in: 1...1_000_000)
        seed = try fields.integer("seed", in: Int.min...Int.max).map { UInt64(bitPattern: Int64($0)) }
        stops = try fields.stops
        let top = try fields.integer("top_logprobs", in: 0...20)
        if try fields.bool("logprobs") ?? false {
            topLogProbabilities = top ?? 0
        } else if let top, top > 0 {
            throw CompletionFailure.invalid("top_logprobs", "needs logprobs to be true")
        }
    }
}

/// Fields of a request with errors that name them. A field that is null counts as absent.
private struct CompletionFields {
    let body: JSONValue

    private func value(_ name: String) -> JSONValue? {
        guard let value = body[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.stringValue else { throw CompletionFailure.invalid(name, "must be a string") }
        return string
    }

    func bool(_ name: String) throws -> Bool? {
        guard let value = value(name) else { return nil }
        guard let bool = value.boolValue else { throw CompletionFailure.invalid(name, "must be true or false") }
        return bool
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            throw CompletionFailure.invalid(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.intValue, range.contains(integer) else {
            throw CompletionFailure.invalid(
                name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    var stops: [String] {
        get throws {
            guard let value = value("stop") else { return [] }
            let elements = value.arrayValue ?? [value]
            let stops = elements.compactMap(\.stringValue)
            guard stops.count == elements.count, stops.count <= 16, stops.allSatisfy({ !$0.isEmpty }) else {
                throw CompletionFailure.invalid("stop", "must be a string or up to 16 strings, none of them empty")
            }
            return stops
        }
    }

    var includesUsage: Bool {
        get throws {
            guard let options = value("stream_options") else { return false }
            guard options.objectValue != nil else {
                throw CompletionFailure.invalid("stream_options", "must be an object")
            }
            guard let value = options["include_usage"], !value.isNull else { return false }
            guard let includes = value.boolValue else {
                throw CompletionFailure.invalid("stream_options.include_usage", "must be true or false")
            }
            return includes
        }
    }

    func refuseUnsupported() throws {
        if let n = value("n"), n.intValue != 1 {
            throw CompletionFailure.invalid("n", "the built-in engine gives one choice")
        }
        for name in ["presence_penalty", "frequency_penalty"] where value(name)?.doubleValue ?? 0 != 0 {
            throw CompletionFailure.invalid(name, "is not supported by the built-in engine")
        }
        for name in ["tools", "functions", "logit_bias"] {
            guard let value = value(name) else { continue }
            guard value.arrayValue?.isEmpty == true || value.objectValue?.members.isEmpty == true else {
                throw CompletionFailure.invalid(name, "is not supported by the built-in engine")
            }
        }
        if let format = value("response_format"), format["type"]?.stringValue != "text" {
            throw CompletionFailure.invalid("response_format", "the built-in engine gives text only")
        }
    }

    var messages: [ChatMessage] {
        get throws {
            guard let value = value("messages") else { throw CompletionFailure.invalid("messages", "is missing") }
            guard let elements = value.arrayValue, !elements.isEmpty else {
                throw CompletionFailure.invalid("messages", "must be an array with at least one message")
            }
            return try elements.enumerated().map { index, element in
                let place = "messages[\(index)]"
                guard element.objectValue != nil else { throw CompletionFailure.invalid(place, "must be an object") }
                guard let role = element["role"]?.stringValue,
                    ["system", "developer", "user", "assistant"].contains(role)
                else {
                    throw CompletionFailure.invalid("\(place).role", "must be system, developer, user or assistant")
                }
                let content = try content(element["content"], "\(place).content")
                return ChatMessage(role: role == "developer" ? "system" : role, content: content)
            }
        }
    }

    /// A string, or text parts that are put together.
    private func content(_ value: JSONValue?, _ place: String) throws -> String {
        if let text = value?.stringValue { return text }
        guard let parts = value?.arrayValue else {
            throw CompletionFailure.invalid(place, "must be a string or an array of parts")
        }
        return try parts.enumerated().map { index, part in
            guard part["type"]?.stringValue == "text", let text = part["text"]?.stringValue else {
                throw CompletionFailure.invalid("\(place)[\(index)]", "must be a part of type text with its text")
            }
            return text
        }.joined()
    }
}
