package import Values

/// What the gateway must know of a request to `POST /v1/chat/completions`; the body itself is passed on as it came.
package struct ChatCompletionRequest: Sendable {
    /// The model that the caller named: the deployment.
    package var model: String
    /// Bytes of the value of `model` in the body, with its quotation marks.
    package var modelRange: Range<Int>
    /// OpenAI's `user`: the unit, where the request's header names none.
    package var user: String?
    package var isStreamed: Bool
    /// The conversation; what is not text is kept as it came.
    package var messages: [Message]
    /// True where the conversation is text alone and one free answer is asked for: a row that may teach.
    package var isTeachable: Bool

    /// Reads the body. Throws a `TrafficError` for what no back end could answer: no JSON, no model, no messages.
    package init(body: [UInt8], limits: JSONLimits = JSONLimits()) throws(TrafficError) {
        let located: JSONText.Located
        do {
            located = try JSONText.locate(in: body, limits: limits)
        } catch {
            throw TrafficError(kind: .jsonInvalid, detail: "\(error) Send a chat completion request of OpenAI's form.")
        }
        let value = located.value
        guard case .object(let object) = value else {
            throw TrafficError(
                kind: .fieldType, detail: "The body must be an object, but is \(value.kindName).")
        }
        if let model = object["model"], model.stringValue == nil {
            throw TrafficError(
                kind: .fieldType, detail: "The field model must be a string; it names the deployment.",
                field: "model")
        }
        guard let model = object["model"]?.stringValue, let range = located.range(ofMember: "model") else {
            throw TrafficError(
                kind: .fieldMissing, detail: "The field model is missing; it names the deployment.", field: "model")
        }
        guard case .array(let elements)? = object["messages"], !elements.isEmpty else {
            throw TrafficError(
                kind: .fieldMissing, detail: "The field messages is missing or empty; it holds the conversation.",
                field: "messages")
        }
        self.model = model
        modelRange = range
        switch object["user"] {
        case nil, .null?: user = nil
        case .string(let name)?: user = name
        case let other?:
            throw TrafficError(
                kind: .fieldType,
                detail: "The field user must be a string, but is \(other.kindName); it names who asks.", field: "user")
        }
        isStreamed = object["stream"]?.boolValue ?? false
        messages = elements.map(Self.message)
        let isText = messages.allSatisfy { message in
            if case .text = message.content {
                ["system", "developer", "user", "assistant"].contains(message.role)
            } else {
                false
            }
        }
        let isPlain = ["tools", "functions", "audio", "prediction"].allSatisfy { (object[$0] ?? .null) == .null }
        let format = object["response_format"]?["type"]?.stringValue ?? "text"
        let choices = object["n"]?.intValue ?? 1
        isTeachable = isText && isPlain && format == "text" && choices == 1
    }

    /// The body with another model's name, every other byte as it was.
    package func body(_ body: [UInt8], withModel name: String) -> [UInt8] {
        body[..<modelRange.lowerBound] + JSONValue.string(name).serialized + body[modelRange.upperBound...]
    }

    /// Roles beside those of posted records that back ends know; any other is kept as `unknown`, since it may be anything.
    private static let roles = Set(Interaction.roles + ["function", "tool_call", "tool_response"])

    /// A message whose content is not text alone keeps everything but its role.
    private static func message(_ value: JSONValue) -> Message {
        let role = value["role"]?.stringValue.flatMap { roles.contains($0) ? $0 : nil } ?? "unknown"
        guard case .object(let object) = value else { return Message(role: role, content: .parts(value)) }
        let others = object.members.filter { !["role", "content", "name"].contains($0.name) && $0.value != .null }
        switch object["content"] {
        case .string(let text)? where others.isEmpty: return Message(role: role, content: .text(text))
        case .array(let parts)? where others.isEmpty: return Message(role: role, content: .parts(.array(parts)))
        default:
            let rest = JSONObject(object.members.filter { $0.name != "role" })
            return Message(role: role, content: .parts(.object(rest)))
        }
    }
}
