package import Values

extension Message {
    package var json: JSONValue {
        switch content {
        case .text(let text): ["role": .string(role), "content": .string(text)]
        case .parts(let parts): ["role": .string(role), "content": parts]
        }
    }

    /// Reads a message as the log keeps it; nil where it is none.
    package init?(stored value: JSONValue) {
        guard let role = value["role"]?.stringValue, let content = value["content"] else { return nil }
        self.init(role: role, content: content.stringValue.map(Content.text) ?? .parts(content))
    }
}

extension Interaction {
    /// The wire form with its version, fields in the order of `CONTRACTS`; absent fields are left out.
    package var json: JSONValue {
        var object = JSONObject()
        object["v"] = 1
        object["id"] = .string(id)
        object["deployment"] = .string(deployment)
        object["time"] = .string(time.description)
        object["unit"] = unit.map(JSONValue.string)
        object["conversation"] = conversation.map(JSONValue.string)
        object["messages"] = .array(messages.map(\.json))
        object["response"] = response.map(JSONValue.string)
        object["error"] = error.map(JSONValue.string)
        object["adapter"] = adapter.map(JSONValue.string)
        object["latencyMilliseconds"] = latencyMilliseconds.map(JSONValue.number)
        object["timeToFirstTokenMilliseconds"] = timeToFirstTokenMilliseconds.map(JSONValue.number)
        object["promptTokens"] = promptTokens.map { .integer(Int64($0)) }
        object["completionTokens"] = completionTokens.map { .integer(Int64($0)) }
        object["logProbability"] = logProbability.map(JSONValue.number)
        object["metadata"] = metadata
        return .object(object)
    }
}

extension Rating {
    /// The wire form with its version; absent fields are left out.
    package var json: JSONValue {
        var object = JSONObject()
        object["v"] = 1
        object["id"] = .string(id)
        object["deployment"] = .string(deployment)
        object["interaction"] = .string(interaction)
        object["time"] = .string(time.description)
        object["rater"] = rater.map(JSONValue.string)
        object["scale"] = scale.map(JSONValue.string)
        object["value"] = value.json
        object["comment"] = comment.map(JSONValue.string)
        object["correction"] = correction.map(JSONValue.string)
        return .object(object)
    }
}

extension Rating.Value {
    package var json: JSONValue {
        switch self {
        case .number(let number): .number(number)
        case .label(let word): .string(word)
        }
    }
}
