import Values

/// Records as applications post them.
enum Records {
    static func interaction(
        _ id: String, deployment: String = "support-en", unit: String? = "user-1", response: String = "card arrival",
        adapter: String? = nil
    ) -> JSONValue {
        var object = JSONObject()
        object["id"] = .string(id)
        object["deployment"] = .string(deployment)
        object["time"] = "2026-11-25T00:00:00Z"
        object["unit"] = unit.map(JSONValue.string)
        object["messages"] = [["role": "user", "content": "Where is my card?"]]
        object["response"] = .string(response)
        object["adapter"] = adapter.map(JSONValue.string)
        return .object(object)
    }

    static func rating(_ id: String, of interaction: String, value: JSONValue = 1) -> JSONValue {
        [
            "id": .string(id), "deployment": "support-en", "interaction": .string(interaction),
            "time": "2026-11-25T00:00:01Z", "value": value,
        ]
    }

    static func question(_ model: String = "support-en", unit: String? = nil, isStreamed: Bool = false) -> JSONValue {
        var object = JSONObject()
        object["temperature"] = 0
        object["model"] = .string(model)
        object["messages"] = [["role": "user", "content": "Where is my card?"]]
        object["user"] = unit.map(JSONValue.string)
        object["stream"] = isStreamed ? true : nil
        return .object(object)
    }
}
