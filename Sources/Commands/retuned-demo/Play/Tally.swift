import Values

/// What was asked, answered and rated so far.
struct Tally: Sendable {
    var asked = 0
    var failed = 0
    var unlogged = 0
    var right = 0
    var rated = 0
    var bad = 0
    var corrected = 0
    var late = 0
    var twice = 0
    /// Answered and right, by what answered.
    var byAdapter: [String: (answered: Int, right: Int)] = [:]
    var firstFailure: String?

    var value: [String: JSONValue] {
        var value: [String: JSONValue] = [
            "asked": .integer(Int64(asked)), "failed": .integer(Int64(failed)), "unlogged": .integer(Int64(unlogged)),
            "right": .integer(Int64(right)), "rated": .integer(Int64(rated)), "bad": .integer(Int64(bad)),
            "corrected": .integer(Int64(corrected)), "late": .integer(Int64(late)), "twice": .integer(Int64(twice)),
        ]
        var adapters = JSONObject()
        for (name, count) in byAdapter.sorted(by: { $0.key < $1.key }) {
            adapters[name] = ["answered": .integer(Int64(count.answered)), "right": .integer(Int64(count.right))]
        }
        value["adapters"] = .object(adapters)
        if let firstFailure { value["failure"] = .string(firstFailure) }
        return value
    }
}
