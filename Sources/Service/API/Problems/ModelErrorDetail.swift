/// What went wrong at the gateway.
package struct ModelErrorDetail: Codable, Equatable, Sendable {
    package var message: String
    package var type: String
    package var code: String?

    package init(message: String, type: String, code: String? = nil) {
        self.message = message
        self.type = type
        self.code = code
    }
}
