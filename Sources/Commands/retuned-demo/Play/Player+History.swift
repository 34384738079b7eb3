import Locking
import OutboundHTTP
import Values

extension Player {
    /// Posts the rated part of earlier weeks of the reference traffic: the incumbent's own answers, asked from an engine
    /// that serves it, with honest ratings, in times before now.
    ///
    /// - Parameters:
    ///   - engine: address of that engine.
    ///   - model: the incumbent's name there.
    ///   - adapter: its name at the daemon.
    ///   - seconds: how far back the oldest message lies.
    func history(count: Int, engine: String, model: String, adapter: String, seconds: Double) async throws {
        let messages = state.withLock { state in
            let start = state.positions[.reference, default: 0]
            state.positions[.reference] = start + count
            return (0..<count).map { pools.message(.reference, at: start + $0) }
        }
        let texts = try await answers(to: messages, engine: engine, model: model, saying: "history")
        let now = WallClock.now()
        var interactions: [JSONValue] = []
        var ratings: [Rating] = []
        var tally = Tally()
        for (index, (message, text)) in zip(messages, texts).enumerated() {
            let time = now.advanced(bySeconds: -seconds * (1 - Double(index) / Double(max(1, count))) - 2)
            let id = "earlier-\(settings.seed)-\(index)"
            let user = self.user(-1 - index)
            interactions.append([
                "id": .string(id), "deployment": .string(settings.deployment), "time": .string(time.description),
                "unit": .string("user-\(user)"),
                "messages": [
                    ["role": "system", "content": .string(TrafficMessage.instruction)],
                    ["role": "user", "content": .string(message.query)],
                ],
                "response": .string(text), "adapter": .string(adapter),
            ])
            tally.asked += 1
            if Rater.isRight(text, message) { tally.right += 1 }
            guard let judgement = rater.judge(text, to: message, number: -1 - index, isHostile: false, always: true)
            else { continue }
            tally.rated += 1
            if !judgement.isGood { tally.bad += 1 }
            if judgement.correction != nil { tally.corrected += 1 }
            ratings.append(
                Rating(
                    id: "r-\(id)", interaction: id, time: time.advanced(bySeconds: 0.1), isGood: judgement.isGood,
                    correction: judgement.correction))
        }
        for start in stride(from: 0, to: interactions.count, by: 500) {
            let end = min(interactions.count, start + 500)
            try await client.post("/v1/interactions", .array(Array(interactions[start..<end])))
            state.withLock { $0.acceptedInteractions += interactions[start..<end].compactMap { $0["id"]?.stringValue } }
            try await post(ratings: Array(ratings[start..<end]))
        }
        say("history", tally.value)
    }

    /// What a model answers, many at once; equal messages are asked once, since answers at temperature 0 are equal.
    func answers(
        to messages: [TrafficMessage], engine: String, model: String, saying event: String
    ) async throws -> [String] {
        let engine = ServiceClient(http: http, base: engine)
        var distinct: [String] = []
        var positions: [String: Int] = [:]
        for message in messages where positions[message.query] == nil {
            positions[message.query] = distinct.count
            distinct.append(message.query)
        }
        let texts = Locked([String](repeating: "", count: distinct.count))
        let queries = distinct
        let next = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<48 {
                group.addTask { [self] in
                    while let index = next.withLock({ next -> Int? in
                        guard next < queries.count else { return nil }
                        next += 1
                        return next - 1
                    }) {
                        let message = TrafficMessage(query: queries[index], answer: "", domain: "")
                        let answer = try await engine.post(
                            "/v1/chat/completions", try JSONValue(parsing: Self.request(model, message)))
                        guard let text = Self.text(of: answer) else { throw DemoFailure("the engine gave no answer") }
                        texts.withLock { $0[index] = text }
                        if (index + 1) % 1000 == 0 {
                            say(
                                "asking",
                                [
                                    "what": .string(event), "asked": .integer(Int64(index + 1)),
                                    "of": .integer(Int64(queries.count)),
                                ])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = texts.withLock { $0 }
        return messages.map { all[positions[$0.query] ?? 0] }
    }
}
