import Values

extension Player {
    /// Asks fixed test messages of an engine directly; says for each set which answers were right, `1` or `0` each.
    func measure(engine: String, model: String, label: String) async throws {
        var fields: [String: JSONValue] = ["label": .string(label)]
        for (name, messages) in [("old", pools.oldTest), ("new", pools.newTest), ("next", pools.nextTest)] {
            let texts = try await answers(to: messages, engine: engine, model: model, saying: "measure")
            fields[name] = .string(
                String(zip(texts, messages).map { Rater.isRight($0, $1) ? Character("1") : Character("0") }))
        }
        say("measured", fields)
    }
}
