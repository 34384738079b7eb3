/// The body of vLLM's `POST /v1/load_lora_adapter`.
package struct LoadAdapterRequest: Codable, Equatable, Sendable {
    package var name: String
    /// Folder in PEFT's format, as the server sees it.
    package var path: String

    package init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    enum CodingKeys: String, CodingKey {
        case name = "lora_name"
        case path = "lora_path"
    }
}

/// The body of vLLM's `POST /v1/unload_lora_adapter`.
package struct UnloadAdapterRequest: Codable, Equatable, Sendable {
    package var name: String

    package init(name: String) {
        self.name = name
    }

    enum CodingKeys: String, CodingKey {
        case name = "lora_name"
    }
}

/// The answer of `GET /v1/models`.
package struct ModelList: Codable, Equatable, Sendable {
    /// A name that requests may ask for: the base model, or an adapter that is loaded on it.
    package struct Model: Codable, Equatable, Sendable {
        package var id: String
        package var object: String
        /// For a base model: the digest of its weights, where the server says it (`retuned-engine` does).
        package var root: String?
        /// For an adapter: the base model's id.
        package var parent: String?

        package init(id: String, root: String? = nil, parent: String? = nil) {
            self.id = id
            self.object = "model"
            self.root = root
            self.parent = parent
        }
    }

    package var object: String
    package var data: [Model]

    package init(data: [Model]) {
        self.object = "list"
        self.data = data
    }
}
