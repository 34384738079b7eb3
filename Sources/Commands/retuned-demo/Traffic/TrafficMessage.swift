/// What a user writes, and the right answer to it.
struct TrafficMessage: Equatable, Sendable {
    var query: String
    /// The intent in words.
    var answer: String
    var domain: String

    init(query: String, answer: String, domain: String) {
        self.query = query
        self.answer = answer
        self.domain = domain
    }

    init(query: String, intent: String, domain: String) {
        self.init(query: query, answer: Self.words(intent), domain: domain)
    }

    /// `card_arrival` → `card arrival`; several intents are joined by `<div>`.
    static func words(_ intent: String) -> String {
        intent.split(separator: "<div>").joined(separator: " and ").map { $0 == "_" ? " " : String($0) }.joined()
    }

    /// What the deployment's application tells the model to do.
    static let instruction = "Name what the customer wants."
}
