/// Answer of `GET /v1/webhooks/dead-letters`.
package struct DeadLetterList: Codable, Equatable, Sendable {
    package var deadLetters: [DeadLetter]

    package init(deadLetters: [DeadLetter]) {
        self.deadLetters = deadLetters
    }
}
