/// OpenAI's error object, which the gateway sends so that OpenAI's clients can read it.
package struct ModelError: Codable, Equatable, Sendable {
    package var error: ModelErrorDetail

    package init(error: ModelErrorDetail) {
        self.error = error
    }
}
