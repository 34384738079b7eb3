/// Answer of `GET /v1/tokens`.
package struct TokenList: Codable, Equatable, Sendable {
    package var tokens: [TokenView]

    package init(tokens: [TokenView]) {
        self.tokens = tokens
    }
}
