package import Values

/// A message of a conversation.
package struct PostedMessage: Codable, Equatable, Sendable {
    /// system, developer, user, assistant or tool.
    package var role: String
    /// A string, or OpenAI's array of parts.
    package var content: JSONValue

    package init(role: String, content: JSONValue) {
        self.role = role
        self.content = content
    }
}
