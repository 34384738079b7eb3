import Values

/// An interaction that an application logs itself.
struct EarlierInteraction: Sendable {
    var id: String
    var message: TrafficMessage
    var time: Timestamp
    var user: String
    var deployment: String
    /// What was answered; nil: the right answer.
    var response: String?
    /// Whether the message is an array of parts, which is kept and teaches nothing.
    var isInParts = false

    var posted: JSONValue {
        [
            "id": .string(id), "deployment": .string(deployment), "time": .string(time.description),
            "unit": .string(user),
            "messages": [
                ["role": "system", "content": .string(TrafficMessage.instruction)],
                [
                    "role": "user",
                    "content": isInParts
                        ? [["type": "text", "text": .string(message.query)]] : .string(message.query),
                ],
            ],
            "response": .string(response ?? message.answer),
        ]
    }
}
