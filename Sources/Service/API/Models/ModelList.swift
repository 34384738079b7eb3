/// Answer of `GET /v1/models`, in OpenAI's form.
package struct ModelList: Codable, Equatable, Sendable {
    /// `list`.
    package var object: String
    package var data: [ModelView]

    package init(object: String, data: [ModelView]) {
        self.object = object
        self.data = data
    }
}
