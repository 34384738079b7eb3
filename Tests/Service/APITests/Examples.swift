import Values

/// The objects of the contract, by example.
enum Examples {
    static let interaction: JSONValue = [
        "id": "c7f1", "deployment": "d", "time": "2026-05-01T09:30:00Z", "unit": "user-17", "conversation": "conv-4",
        "messages": [["role": "user", "content": "Where is my card?"]], "response": "card arrival",
        "adapter": "d-v3", "latencyMilliseconds": 84.1, "timeToFirstTokenMilliseconds": 31.5, "promptTokens": 21,
        "completionTokens": 3, "logProbability": -0.41, "metadata": ["channel": "web"],
    ]

    static let rating: JSONValue = [
        "id": "r-1", "deployment": "d", "interaction": "c7f1", "time": "2026-05-01T09:31:10.000Z", "rater": "user-17",
        "scale": "thumb", "value": 1, "comment": "good", "correction": "card arrival",
    ]

    static let deployment: JSONValue = [
        "name": "support-en", "mode": "act",
        "serving": [
            "adapter": "support-en-v3", "since": "2026-05-01T09:30:00.000Z", "reason": "experiment e-12 promoted it",
        ],
        "cycle": [
            "id": "c-13", "state": "experimenting", "step": 2, "since": "2026-05-01T09:30:00.000Z", "trigger": "drift",
            "next": "look at 14:05; decides at about 420 rated units",
        ], "cost": ["cpuSeconds": 91.2], "health": [["check": "serving", "ok": true, "detail": "answers"]],
        "counts": ["interactions": 12000, "ratings": 5100, "units": 300],
    ]
}
