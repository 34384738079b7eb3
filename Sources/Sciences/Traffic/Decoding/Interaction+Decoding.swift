package import Values

extension Interaction {
    /// The roles that a message may have.
    package static let roles = ["system", "developer", "user", "assistant", "tool"]

    /// Reads an interaction as an application posts it.
    package init(
        reading object: JSONObject, record: Int, received: Timestamp, limits: TrafficLimits
    ) throws(TrafficError) {
        var fields = FieldReader(object, record: record, limits: limits)
        let id = try fields.identifier("id", maximum: limits.idBytes)
        let deployment = try fields.identifier("deployment", maximum: limits.idBytes)
        let time = try fields.time("time", received: received)
        let unit = try fields.optionalName("unit", maximum: limits.unitBytes)
        let conversation = try fields.optionalName("conversation", maximum: limits.unitBytes)
        let messages = try Self.messages(from: &fields)
        let response = try fields.optionalText("response", maximum: limits.textBytes)
        let error = try fields.optionalText("error", maximum: limits.textBytes)
        guard (response == nil) != (error == nil) else {
            if response == nil {
                throw fields.error(
                    .fieldMissing, "response", "is missing, and so is error; one of them says how it ended.")
            }
            throw fields.error(.fieldInvalid, "error", "stands beside response; send only one of them.")
        }
        let seconds = 0...1e10
        self.init(
            id: id, deployment: deployment, time: time, unit: unit, conversation: conversation, messages: messages,
            response: response, error: error,
            adapter: try fields.optionalIdentifier("adapter", maximum: limits.idBytes),
            latencyMilliseconds: try fields.optionalNumber("latencyMilliseconds", in: seconds, "0 or more"),
            timeToFirstTokenMilliseconds: try fields.optionalNumber(
                "timeToFirstTokenMilliseconds", in: seconds, "0 or more"),
            promptTokens: try fields.optionalCount("promptTokens"),
            completionTokens: try fields.optionalCount("completionTokens"),
            logProbability: try fields.optionalNumber(
                "logProbability", in: -1e6...0, "a mean log-probability in nats, 0 or less"),
            metadata: try Self.metadata(from: &fields))
        try fields.finish()
    }

    private static func messages(from fields: inout FieldReader) throws(TrafficError) -> [Message] {
        let limits = fields.limits
        let value = try fields.required("messages", "an array of messages, each with role and content")
        guard case .array(let elements) = value else {
            throw fields.error(.fieldType, "messages", "must be an array, but is \(value.kindName).")
        }
        guard !elements.isEmpty else { throw fields.error(.fieldInvalid, "messages", "holds no message.") }
        guard elements.count <= limits.messagesPerRecord else {
            throw fields.error(
                .fieldTooLarge, "messages",
                "holds \(elements.count) messages, but may hold at most \(limits.messagesPerRecord).")
        }
        var messages: [Message] = []
        for (index, element) in elements.enumerated() {
            guard case .object(let object) = element else {
                throw fields.error(
                    .fieldType, "messages[\(index)]", "must be an object, but is \(element.kindName).")
            }
            var inner = FieldReader(object, record: fields.record, limits: limits, path: "messages[\(index)]")
            messages.append(try message(from: &inner))
        }
        return messages
    }

    private static func message(from fields: inout FieldReader) throws(TrafficError) -> Message {
        let what = "one of \(roles.joined(separator: ", "))"
        let role = try fields.text(try fields.required("role", what), "role", maximum: 64)
        guard roles.contains(role) else { throw fields.error(.fieldInvalid, "role", "must be \(what).") }
        let value = try fields.required("content", "a string or an array of parts")
        try fields.finish()
        switch value {
        case .string:
            return Message(
                role: role, content: .text(try fields.text(value, "content", maximum: fields.limits.textBytes)))
        case .array(let parts):
            guard parts.allSatisfy({ $0.objectValue != nil }) else {
                throw fields.error(.fieldType, "content", "must hold objects (OpenAI's parts) where it is an array.")
            }
            let size = value.serialized.count
            guard size <= fields.limits.textBytes else {
                throw fields.error(
                    .fieldTooLarge, "content",
                    "has \(size) bytes, but may have at most \(fields.limits.textBytes).")
            }
            return Message(role: role, content: .parts(value))
        default:
            throw fields.error(
                .fieldType, "content", "must be a string or an array of parts, but is \(value.kindName).")
        }
    }

    private static func metadata(from fields: inout FieldReader) throws(TrafficError) -> JSONValue? {
        guard let value = fields.value("metadata") else { return nil }
        guard case .object = value else {
            throw fields.error(.fieldType, "metadata", "must be an object, but is \(value.kindName).")
        }
        let size = value.serialized.count
        guard size <= fields.limits.metadataBytes else {
            throw fields.error(
                .fieldTooLarge, "metadata", "has \(size) bytes, but may have at most \(fields.limits.metadataBytes).")
        }
        guard value.depth <= fields.limits.metadataDepth else {
            throw fields.error(
                .fieldInvalid, "metadata", "is nested deeper than \(fields.limits.metadataDepth); flatten it.")
        }
        return value
    }
}

extension JSONValue {
    /// Arrays and objects inside one another, at most.
    fileprivate var depth: Int {
        switch self {
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map(\.value.depth).max() ?? 0)
        default: 0
        }
    }
}
