package import Values

/// The OpenAPI 3.1 document, made from the table of routes and the wire types themselves.
package enum OpenAPIDocument {
    package static func make(routes: [Route] = Routes.all, version: String = "1") -> JSONValue {
        let builder = SchemaBuilder()
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path]?.objectValue ?? JSONObject()
            item[route.method.rawValue.lowercased()] = operation(route, builder)
            paths[route.path] = .object(item)
        }
        let schemas = JSONObject(
            builder.components.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: $0.value) })
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "retuned", "version": .string(version),
                "description": "Logs queries and ratings, and keeps a deployed model good at its job.",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer",
                        "description":
                            "A token made with `retunectl tokens create`. Over the Unix socket the peer's user counts.",
                    ]
                ],
            ],
        ]
    }

    private static func operation(_ route: Route, _ builder: SchemaBuilder) -> JSONValue {
        var operation = JSONObject()
        operation["summary"] = .string(route.summary)
        operation["operationId"] = .string(identifier(of: route))
        let parameters = parameters(of: route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = requestBody(of: route, builder) { operation["requestBody"] = body }
        operation["responses"] = responses(of: route, builder)
        if let scope = route.scope {
            operation["security"] = [["token": []]]
            operation["x-scope"] = .string(scope.rawValue)
        } else {
            operation["security"] = []
        }
        return .object(operation)
    }

    private static func identifier(of route: Route) -> String {
        let words = route.path.split { !$0.isLetter && !$0.isNumber }.filter { $0 != "v1" && $0 != "json" }
        return route.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func parameters(of route: Route) -> [JSONValue] {
        let inPath: [JSONValue] = route.parameters.map {
            ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        let inQuery: [JSONValue] = route.query.map {
            [
                "name": .string($0.name), "in": "query", "description": .string($0.explanation),
                "schema": ["type": $0.isInteger ? "integer" : "string"],
            ]
        }
        let inHeader: [JSONValue] = [
            [
                "name": "If-None-Match", "in": "header", "description": "Tags of answers that are known.",
                "schema": ["type": "string"],
            ]
        ]
        return inPath + inQuery + (route.isCached ? inHeader : [])
    }

    private static func requestBody(of route: Route, _ builder: SchemaBuilder) -> JSONValue? {
        if route.isOpen {
            return ["required": true, "content": ["application/json": ["schema": ["type": "object"]]]]
        }
        guard let request = route.request else { return nil }
        let schema = builder.schema(of: request)
        guard route.takesBatch else {
            return ["required": true, "content": ["application/json": ["schema": schema]]]
        }
        return [
            "required": true,
            "content": [
                "application/json": ["schema": ["oneOf": [schema, ["type": "array", "items": schema]]]],
                "application/x-ndjson": ["schema": schema],
            ],
        ]
    }

    private static func responses(of route: Route, _ builder: SchemaBuilder) -> JSONValue {
        var responses = JSONObject()
        var content = JSONObject()
        if let response = route.response {
            content[route.responseMedia.rawValue] = ["schema": builder.schema(of: response)]
        } else if route.isOpen {
            content["application/json"] = ["schema": ["type": "object"]]
            content["text/event-stream"] = ["schema": ["type": "string"]]
        } else {
            content[route.responseMedia.rawValue] = ["schema": ["type": "string"]]
        }
        var done: JSONObject = JSONObject([
            .init(name: "description", value: "Done."), .init(name: "content", value: .object(content)),
        ])
        if route.isCached {
            let tag: JSONValue = ["ETag": ["description": "The answer's tag.", "schema": ["type": "string"]]]
            done["headers"] = tag
            responses["304"] = ["description": "The answer is one of those named.", "headers": tag]
        }
        responses[String(route.status)] = .object(done)
        let media = route.failure == Problem.self ? Problem.mediaType : "application/json"
        let failure = builder.schema(of: route.failure)
        for status in Set(route.problems + (route.scope == nil ? [] : [401, 403])).sorted() {
            responses[String(status)] = [
                "description": .string(meanings[status] ?? "Refused."), "content": [media: ["schema": failure]],
            ]
        }
        return .object(responses)
    }

    private static let meanings: [Int: String] = [
        400: "The request is wrong; the problem says where.", 401: "No token, or one that is not known.",
        403: "The token lacks the scope, or belongs to another deployment.", 404: "There is no such thing.",
        409: "It was sent before with another body, or things have moved on.", 413: "It is too large.",
        415: "Its media type is not read here.", 502: "The serving back end cannot be reached or failed.",
        503: "Nothing was kept; try again after Retry-After.", 504: "The serving back end took too long.",
    ]
}
