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

    var posted: JSONValue {
        [
            "id": .string(id), "deployment": .string(deployment), "time": .string(time.description),
            "unit": .string(user),
            "messages": [
                ["role": "system", "content": .string(TrafficMessage.instruction)],
                ["role": "user", "content": .string(message.query)],
            ],
            "response": .string(response ?? message.answer),
        ]
    }
}
