import Values

/// A rating that a user gives.
struct Rating: Sendable {
    var id: String
    var interaction: String
    var time: Timestamp
    var isGood: Bool
    var correction: String?

    func posted(deployment: String) -> JSONValue {
        var object = JSONObject([
            .init(name: "id", value: .string(id)), .init(name: "deployment", value: .string(deployment)),
            .init(name: "interaction", value: .string(interaction)),
            .init(name: "time", value: .string(time.description)), .init(name: "value", value: isGood ? 1 : 0),
        ])
        if let correction { object["correction"] = .string(correction) }
        return .object(object)
    }
}
