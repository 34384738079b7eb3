/// The one answer that holds the secret.
package struct TokenCreated: Codable, Equatable, Sendable {
    package var token: String
    package var view: TokenView

    package init(token: String, view: TokenView) {
        self.token = token
        self.view = view
    }
}
